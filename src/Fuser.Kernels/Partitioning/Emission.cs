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
    /// <summary>
    /// A tensor that one root would compute in more places than this is put in memory: overlapping slices of slices would
    /// otherwise double the work at every step.
    /// </summary>
    private const int MostPlaces = 16;

    /// <summary>Everything a root computes, operands before users. What it reads and keeps is noted in the root.</summary>
    public static List<Sight> Needs(Root root, Roots roots)
    {
        var ordered = new List<Sight>();
        var maps = new Dictionary<ComputedTensor, List<IndexMap>>();
        var found = new HashSet<Sight>();
        var open = new PriorityQueue<ComputedTensor, int>();
        Find(Resolve(new Sight(root.Value, IndexMap.Identity(root.Value.Shape.Length)), roots, root.Kept));

        // From the largest id down: when a tensor's turn comes, all its users had theirs, and all its places are known.
        while (open.TryDequeue(out var computed, out _))
        {
            var places = maps[computed];
            if (places.Count > MostPlaces)
            {
                root.Kept.Add(computed);
                root.Reads.Add(roots.Store(computed, "used in many places").Buffer);
                continue;
            }

            foreach (var map in places)
            {
                ordered.Add(new Sight(computed, map));
                foreach (var operand in computed.Arguments.OfType<PlanTensor>())
                {
                    Find(Operand(computed, operand, map, roots, root.Kept));
                }
            }
        }

        ordered.Reverse();
        return ordered;

        void Find(Sight sight)
        {
            if (sight.Tensor is StoredTensor stored)
            {
                root.Reads.Add(stored.Buffer);
            }
            else if (sight.Tensor is ComputedTensor computed && found.Add(sight))
            {
                if (!maps.TryGetValue(computed, out var places))
                {
                    maps.Add(computed, places = []);
                    open.Enqueue(computed, -computed.Id);
                }

                places.Add(sight.Map);
            }
        }
    }

    /// <summary>How an operand of a computed tensor is seen, given how the tensor itself is.</summary>
    public static Sight Operand(ComputedTensor computed, PlanTensor operand, IndexMap map, Roots roots, IReadOnlySet<PlanTensor> kept)
    {
        var source = roots.Fuse || Looked(operand) is not ComputedTensor ? operand : Stored(operand, roots);
        return Resolve(new Sight(source, IndexMap.Broadcast(operand.Shape, computed.Shape).After(map)), roots, kept);
    }

    /// <summary>Follows views until something that is computed or stored.</summary>
    /// <param name="kept">Computed tensors to read from memory.</param>
    public static Sight Resolve(Sight sight, Roots roots, IReadOnlySet<PlanTensor> kept)
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
                    sight = new Sight(roots.Store(routine, "computed by a routine"), sight.Map);
                    break;
                case ConcatenatedTensor concatenated:
                    sight = new Sight(roots.Store(concatenated, "used as a whole"), sight.Map);
                    break;
                case ComputedTensor computed when kept.Contains(computed):
                    return new Sight(roots.Store(computed, "used in many places"), sight.Map);
                default:
                    return sight;
            }
        }
    }

    private static PlanTensor Looked(PlanTensor tensor) => tensor is ViewedTensor viewed ? viewed.Source : tensor;

    /// <summary>The same view, of the tensor put in memory.</summary>
    private static PlanTensor Stored(PlanTensor tensor, Roots roots) => tensor is ViewedTensor viewed
        ? new ViewedTensor(viewed.Id, roots.Store(viewed.Source, "run by itself"), viewed.Shape, viewed.Map)
        : roots.Store(tensor, "run by itself");
}
