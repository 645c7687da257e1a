using Fuser.Kernels.Operations;

namespace Fuser.Kernels.Partitioning;

/// <summary>A tensor as one kernel sees it: which, and where its elements are for an index of the kernel's domain.</summary>
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

    /// <summary>Reductions one kernel makes for one root: each may be another sweep over the row.</summary>
    private const int MostReductions = 24;

    /// <summary>Finds what the root's kernel runs over, and so which reductions it can make itself.</summary>
    public static void FindDomain(Root root, Roots roots, PlanningEffort effort)
    {
        root.Domain = FusionDomain.Elementwise(root.Layout.Sizes);
        root.Start = IndexMap.Identity(root.Value.Shape.Length);
        if (!roots.HasReductions || (!roots.Fuse && root.Value is ComputedTensor))
        {
            return; // without fusion, what an operation uses is in memory
        }

        // The latest reduction decides: earlier ones are more likely to be used by others too.
        foreach (var (tensor, map) in Reductions(root, roots, effort).OrderByDescending(sight => sight.Tensor.Id))
        {
            var domain = FusionDomain.Of((ReducedTensor)tensor);
            if (domain.Place(root.Value.Shape, map) is { } start)
            {
                (root.Domain, root.Start) = (domain, start);
                return;
            }
        }
    }

    /// <summary>Everything a root computes, operands before users; not all of it when the effort is spent. What it reads and keeps is noted in the root.</summary>
    public static List<Sight> Needs(Root root, Roots roots, PlanningEffort effort)
    {
        if (!roots.Fuse)
        {
            return effort.Look() ? ItselfAlone(root, roots) : [];
        }

        var ordered = new List<Sight>();
        var maps = new Dictionary<PlanTensor, List<IndexMap>>(ReferenceEqualityComparer.Instance);
        var found = new HashSet<Sight>();
        var open = new PriorityQueue<PlanTensor, int>();
        var reductions = 0;
        var scope = new EmissionScope(roots, root.Domain, root.Kept, root.Value.Id);
        Find(scope.Resolve(new Sight(root.Value, root.Start), root.Value));

        // From the largest id down: when a tensor's turn comes, all its users had theirs, and all its places are known.
        while (open.TryDequeue(out var tensor, out _))
        {
            var places = maps[tensor];
            var isReduction = tensor is ReducedTensor;
            if (places.Count > MostPlaces || (isReduction && ++reductions > MostReductions))
            {
                root.Kept.Add(tensor);
                root.Reads.Add(roots.Store(tensor, isReduction ? "the kernel of {user} would make many reductions beside {value}" : "the kernel of {user} would compute {value} in many places", root.Value.Id).Written);
                continue;
            }

            foreach (var map in places)
            {
                if (!effort.Look())
                {
                    return ordered;
                }

                ordered.Add(new Sight(tensor, map));
                foreach (var operand in OperandsOf(tensor))
                {
                    Find(scope.Operand(tensor, operand, map));
                }
            }
        }

        ordered.Reverse();
        return ordered;

        void Find(Sight sight)
        {
            if (sight.Tensor is StoredTensor stored)
            {
                root.Reads.Add(stored.Written);
            }
            else if (sight.Tensor is ComputedTensor or ReducedTensor && found.Add(sight))
            {
                if (!maps.TryGetValue(sight.Tensor, out var places))
                {
                    maps.Add(sight.Tensor, places = []);
                    open.Enqueue(sight.Tensor, -sight.Tensor.Id);
                }

                places.Add(sight.Map);
            }
        }
    }

    /// <summary>The needs of a root without fusion: everything its operation uses is in memory.</summary>
    private static List<Sight> ItselfAlone(Root root, Roots roots)
    {
        var scope = new EmissionScope(roots, root.Domain, root.Kept, root.Value.Id);
        var sight = scope.Resolve(new Sight(root.Value, root.Start), root.Value);
        if (sight.Tensor is StoredTensor source)
        {
            root.Reads.Add(source.Written);
        }

        if (sight.Tensor is not (ComputedTensor or ReducedTensor))
        {
            return [];
        }

        foreach (var operand in OperandsOf(sight.Tensor))
        {
            if (scope.Operand(sight.Tensor, operand, sight.Map).Tensor is StoredTensor stored)
            {
                root.Reads.Add(stored.Written);
            }
        }

        return [sight];
    }

    /// <summary>The reductions a root uses directly, without those behind them.</summary>
    private static List<Sight> Reductions(Root root, Roots roots, PlanningEffort effort)
    {
        var reductions = new List<Sight>();
        var found = new HashSet<Sight>();
        var open = new Stack<Sight>();
        var scope = new EmissionScope(roots, null, root.Kept, root.Value.Id);
        open.Push(scope.Resolve(new Sight(root.Value, root.Start), root.Value));
        while (open.TryPop(out var sight) && effort.Look())
        {
            if (!found.Add(sight))
            {
                continue;
            }

            if (sight.Tensor is ReducedTensor)
            {
                reductions.Add(sight);
            }
            else if (sight.Tensor is ComputedTensor computed)
            {
                foreach (var operand in OperandsOf(computed))
                {
                    open.Push(scope.Operand(computed, operand, sight.Map));
                }
            }
        }

        return reductions;
    }

    private static IEnumerable<PlanTensor> OperandsOf(PlanTensor tensor) => tensor switch
    {
        ComputedTensor computed => computed.Arguments.OfType<PlanTensor>(),
        ReducedTensor reduced => [reduced.Source],
        _ => [],
    };
}
