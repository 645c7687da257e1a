using Fuser.Kernels.Operations;

namespace Fuser.Kernels.Partitioning;

/// <summary>A tensor as one kernel sees it: which, and where its elements are for an index of the map.</summary>
internal readonly record struct Sight(PlanTensor Tensor, IndexMap Map);

/// <summary>
/// Finds what a kernel has to compute and to load for its roots. Views dissolve into the maps, so a chunk of a sum is the sum of two chunks
/// and no kernel boundary. Works with a list instead of recursion: a graph may be a chain of any length.
/// </summary>
internal static class Emission
{
    /// <summary>Everything a root needs, operands before users.</summary>
    public static List<Sight> Needs(Root root, Roots roots)
    {
        var found = new HashSet<Sight>();
        var open = new Stack<Sight>();
        var start = Resolve(new Sight(root.Value, IndexMap.Identity(root.Value.Shape.Length)), roots);
        open.Push(start);
        found.Add(start);
        while (open.TryPop(out var sight))
        {
            if (sight.Tensor is StoredTensor stored)
            {
                root.Reads.Add(stored.Buffer);
                continue;
            }

            if (sight.Tensor is not ComputedTensor computed)
            {
                continue;
            }

            foreach (var operand in computed.Arguments.OfType<PlanTensor>())
            {
                var needed = Operand(computed, operand, sight.Map, roots);
                if (found.Add(needed))
                {
                    open.Push(needed);
                }
            }
        }

        var ordered = found.ToList();
        ordered.Sort((a, b) => a.Tensor.Id.CompareTo(b.Tensor.Id));
        return ordered;
    }

    /// <summary>How an operand of a computed tensor is seen, given how the tensor itself is.</summary>
    public static Sight Operand(ComputedTensor computed, PlanTensor operand, IndexMap map, Roots roots)
    {
        var kept = roots.Fuse || Looked(operand) is not ComputedTensor ? operand : Stored(operand, roots);
        return Resolve(new Sight(kept, IndexMap.Broadcast(operand.Shape, computed.Shape).After(map)), roots);
    }

    /// <summary>Follows views until something that is computed or stored.</summary>
    public static Sight Resolve(Sight sight, Roots roots)
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
                case ConcatenatedTensor concatenated:
                    sight = new Sight(roots.Store(concatenated, "used as a whole"), sight.Map);
                    break;
                default:
                    return sight;
            }
        }
    }

    private static PlanTensor Looked(PlanTensor tensor)
    {
        while (tensor is ViewedTensor viewed)
        {
            tensor = viewed.Source;
        }

        return tensor;
    }

    /// <summary>The same view, of the tensor put in memory.</summary>
    private static PlanTensor Stored(PlanTensor tensor, Roots roots) => tensor is ViewedTensor viewed
        ? new ViewedTensor(viewed.Id, Stored(viewed.Source, roots), viewed.Shape, viewed.Map)
        : roots.Store(tensor, "run by itself");
}
