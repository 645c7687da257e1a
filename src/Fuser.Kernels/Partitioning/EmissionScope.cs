using Fuser.Kernels.Operations;

namespace Fuser.Kernels.Partitioning;

/// <summary>What decides whether a kernel computes a tensor or reads it from memory.</summary>
/// <param name="domain">What the kernel runs over; null while that is still being found, when every reduction is left as it is.</param>
/// <param name="kept">Tensors to read from memory; those that are found to be shared with earlier kernels are added.</param>
/// <param name="root">Id of the tensor the kernel is for; -1 when all that is shared is among <paramref name="kept"/>.</param>
internal sealed class EmissionScope(Roots roots, FusionDomain? domain, HashSet<PlanTensor> kept, int root)
{
    /// <summary>How an operand of a computed or reduced tensor is seen, given how the tensor itself is.</summary>
    public Sight Operand(PlanTensor user, PlanTensor operand, IndexMap map)
    {
        if (user is ReducedTensor)
        {
            // Over all elements of the row, which are the elements of the domain.
            return Resolve(new Sight(ByItself(operand, user), IndexMap.Identity(operand.Shape.Length)), user);
        }

        return Resolve(new Sight(ByItself(operand, user), IndexMap.Broadcast(operand.Shape, user.Shape).After(map)), user);
    }

    /// <summary>Follows views until something that is computed or stored.</summary>
    /// <param name="user">Who sees it.</param>
    public Sight Resolve(Sight sight, PlanTensor user)
    {
        while (true)
        {
            switch (sight.Tensor)
            {
                case ViewedTensor viewed:
                    sight = new Sight(viewed.Source, viewed.Map.After(sight.Map));
                    break;
                case ReshapedTensor reshaped:
                    sight = new Sight(roots.Reshape(reshaped), sight.Map);
                    break;
                case RoutineTensor routine:
                    sight = new Sight(roots.Store(routine, "{user} reads {value}, which a routine computes", user.Id), sight.Map);
                    break;
                case ConcatenatedTensor concatenated:
                    sight = new Sight(roots.Store(concatenated, "{user} uses {value} as a whole", user.Id), sight.Map);
                    break;
                case ComputedTensor or ReducedTensor when !kept.Contains(sight.Tensor) && roots.IsOfEarlierSection(sight.Tensor, root):
                    kept.Add(sight.Tensor);
                    return new Sight(roots.Store(sight.Tensor, "the graph is large, and {value} is in an earlier section of it than {user}", user.Id), sight.Map);
                case ComputedTensor computed when kept.Contains(computed):
                    return new Sight(roots.Store(computed, "{user} would compute {value} in many places", user.Id), sight.Map);
                case ReducedTensor reduced when kept.Contains(reduced) || (roots.Shared.Contains(new SharedReduction(root, reduced.Id)) && kept.Add(reduced)):
                    return new Sight(roots.Store(reduced, "{user} needs {value} in another kernel, and each would go over all elements for it", user.Id), sight.Map);
                case ReducedTensor reduced when domain is not null && !domain.Sees(reduced, sight.Map):
                    return new Sight(roots.Store(reduced, "{user} needs {value} in a kernel that does not run over the same rows", user.Id), sight.Map);
                default:
                    return sight;
            }
        }
    }

    /// <summary>Without fusion, an operand that would be computed is put in memory instead, and seen through the same view.</summary>
    private PlanTensor ByItself(PlanTensor operand, PlanTensor user)
    {
        if (roots.Fuse)
        {
            return operand;
        }

        return operand switch
        {
            ComputedTensor or ReducedTensor => roots.Store(operand, "nothing is fused, so {user} reads {value} from memory", user.Id),
            ViewedTensor { Source: ComputedTensor or ReducedTensor } viewed => new ViewedTensor(viewed.Id, roots.Store(viewed.Source, "nothing is fused, so {user} reads {value} from memory", user.Id), viewed.Shape, viewed.Map),
            _ => operand,
        };
    }
}
