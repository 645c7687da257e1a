using System.Collections.Immutable;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Normalisation;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Partitioning;

/// <summary>Whether operations are put together.</summary>
internal enum FusionMode
{
    /// <summary>As few kernels as possible.</summary>
    Fused,

    /// <summary>Every operation by itself; the same bits.</summary>
    Unfused,
}

/// <summary>
/// Makes the plan of a graph for one signature. What has to be in memory is decided first (<see cref="Roots"/>); what kernels write and does not wait for
/// each other and have one map shape then share a kernel, whether they are related or not.
/// </summary>
internal static class Partitioner
{
    /// <summary>Operations of one kernel, and results of it: what is more becomes several, because a kernel is compiled, kept and forgotten as a whole.</summary>
    private const int MostOperations = 2_048;

    private const int MostResults = 512;

    /// <summary>Tensors that may be looked at however small the graph is.</summary>
    private const long LeastLooks = 50_000;

    /// <summary>How a graph is planned: as few kernels as possible; where that takes too long or gives too large ones, in sections; at last every operation by itself.</summary>
    private static readonly ImmutableArray<PlanningWay> Ways = [new(int.MaxValue, int.MaxValue, 8), new(512, 24, 16), new(64, 8, 32)];

    /// <param name="cancellationToken">Observed all along.</param>
    /// <exception cref="FuserException">The inputs do not fit the graph.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public static GraphPlan Plan(NormalisedGraph graph, ReadOnlySpan<FuserValue> inputs, FusionMode mode, CancellationToken cancellationToken = default)
    {
        var values = inputs.ToArray();
        var meaning = GraphEvaluator.Evaluate(graph.Graph, values, cancellationToken);
        if (mode == FusionMode.Fused)
        {
            foreach (var way in Ways)
            {
                if (TryPlan(graph, values, meaning, way, cancellationToken) is { } plan)
                {
                    return plan;
                }
            }
        }

        var roots = new Roots(fuse: false, sections: null, BuffersOf(values), meaning.HasReductions, new HashSet<SharedReduction>());
        return Attempt(graph, values, meaning, roots, [], new PlanningEffort(long.MaxValue, cancellationToken))
            ?? throw new InternalFuserException(ErrorCodes.Internal, "a plan without fusion was refused");
    }

    /// <summary>
    /// Null when this way costs too much, because fusion would compute too much again and again, or gives a kernel that is too large. A reduction that several
    /// kernels would make is given to the first of them, and the plan is made again; each time something is given away for good, so this ends.
    /// </summary>
    private static GraphPlan? TryPlan(NormalisedGraph graph, FuserValue[] values, GraphMeaning meaning, PlanningWay way, CancellationToken cancellationToken)
    {
        var effort = new PlanningEffort(LeastLooks + (way.LooksPerTensor * (long)meaning.IsReduction.Count), cancellationToken);
        var sections = way.Operations == int.MaxValue ? null : Sections.Of(meaning.IsReduction, way.Operations, way.Reductions);
        var shared = new HashSet<SharedReduction>();
        int known;
        do
        {
            known = shared.Count;
            var roots = new Roots(fuse: true, sections, BuffersOf(values), meaning.HasReductions, shared);
            if (Attempt(graph, values, meaning, roots, shared, effort) is { } plan)
            {
                return plan;
            }
        }
        while (shared.Count > known);
        return null;
    }

    /// <summary>Null when it cost too much, or when reductions were found that kernels should share: these are added to <paramref name="shared"/>.</summary>
    private static GraphPlan? Attempt(NormalisedGraph graph, FuserValue[] values, GraphMeaning meaning, Roots roots, HashSet<SharedReduction> shared, PlanningEffort effort)
    {
        var outputs = AddOutputs(meaning.Results, roots);
        if (FindNeeds(roots, effort) is not { } needs)
        {
            return null;
        }

        var levels = Levels(roots.All, effort);
        var ordered = Enumerable.Range(0, roots.All.Count).OrderBy(i => levels[i]);
        List<int[]> together = roots.Fuse
            ? [.. ordered.GroupBy(i => KeyOf(roots, i, levels[i])).SelectMany(group => InBounds([.. group], needs))]
            : [.. ordered.Select(i => new[] { i })];
        if (roots is { Fuse: true, HasReductions: true } && SharedReductions.Find(together, roots, needs, shared))
        {
            return null;
        }

        var (groups, steps) = FormSteps(together, needs, roots, meaning.Slots, effort);
        return new GraphPlan(graph, Signature.Of(values, meaning.Slots.IsStructural), [.. roots.Buffers], meaning.Slots.Program, groups, steps, outputs, meaning.Origins);
    }

    private static List<PlanBuffer> BuffersOf(FuserValue[] values) =>
    [
        .. values.Select((value, i) => value.Kind == FuserValueKind.Array
            ? new PlanBuffer(BufferKind.Input, i, value.Array.DType, value.Array.Shape)
            : new PlanBuffer(BufferKind.Input, i, DType.Float64, [])),
    ];

    private static ImmutableArray<PlanOutput> AddOutputs(ImmutableArray<PlanValue> results, Roots roots)
    {
        var outputs = ImmutableArray.CreateBuilder<PlanOutput>(results.Length);
        foreach (var result in results)
        {
            outputs.Add(result switch
            {
                PlanTensor tensor => new PlanOutput(tensor.DType, tensor.Shape, roots.AddOutput(tensor, outputs.Count), -1),
                PlanNumber number => new PlanOutput(number.Category, [], -1, number.Slot),
                _ => throw new GraphException(ErrorCodes.UnsupportedOperation, $"output {outputs.Count} is {NodeArguments.Describe(result)}; return tensors or numbers"),
            });
        }

        return outputs.MoveToImmutable();
    }

    /// <summary>What runs together: routines by themselves, kernels that do not wait for each other and run over one domain.</summary>
    private static (int, string) KeyOf(Roots roots, int work, int level) => roots.All[work] is Root root ? (level, root.Domain.Key) : (work, "");

    /// <summary>Work that could be one kernel, as kernels of bounded size. What two of them need is computed in both.</summary>
    private static IEnumerable<int[]> InBounds(int[] works, List<List<Sight>> needs)
    {
        if (works.Length == 1)
        {
            return [works];
        }

        var kernels = new List<int[]>();
        var computed = new HashSet<Sight>();
        var start = 0;
        for (var i = 0; i < works.Length; i++)
        {
            computed.UnionWith(needs[works[i]]);
            if (i > start && (computed.Count > MostOperations || i - start == MostResults))
            {
                kernels.Add(works[start..i]);
                start = i;
                computed = [.. needs[works[i]]];
            }
        }

        kernels.Add(works[start..]);
        return kernels;
    }

    /// <summary>What every root computes; for routines nothing. Null when it is too much.</summary>
    private static List<List<Sight>>? FindNeeds(Roots roots, PlanningEffort effort)
    {
        var needs = new List<List<Sight>>();
        for (var i = 0; i < roots.All.Count; i++)
        {
            effort.Look();

            // Either may add work, which the loop then reaches.
            if (roots.All[i] is RoutineWork routine)
            {
                roots.Bind(routine);
                needs.Add([]);
                continue;
            }

            var root = (Root)roots.All[i];
            Emission.FindDomain(root, roots, effort);
            needs.Add(Emission.Needs(root, roots, effort));
            if (effort.IsSpent || needs[i].Count > MostOperations)
            {
                return null;
            }
        }

        return needs;
    }

    private static (ImmutableArray<FusionGroup> Groups, ImmutableArray<PlanStep> Steps) FormSteps(List<int[]> together, List<List<Sight>> needs, Roots roots, ScalarSlots slots, PlanningEffort effort)
    {
        var groups = ImmutableArray.CreateBuilder<FusionGroup>();
        var graphs = new Dictionary<Graph, Graph>();
        var steps = ImmutableArray.CreateBuilder<PlanStep>();
        foreach (var members in together)
        {
            effort.Look();
            if (roots.All[members[0]] is RoutineWork routine)
            {
                steps.Add(Step(routine));
                continue;
            }

            steps.Add(new KernelStep(groups.Count));
            groups.Add(GroupEmitter.Emit([.. members.Select(i => (Root)roots.All[i])], [.. members.Select(i => needs[i])], roots, slots, graphs));
        }

        return (groups.ToImmutable(), steps.ToImmutable());
    }

    private static RoutineStep Step(RoutineWork work) => new(
        work.Call.Routine,
        ImmutableArray.CreateRange(work.Operands, Operand),
        [.. work.Outputs.Select(output => Operand(output!))],
        work.Origin);

    private static RoutineOperand Operand(StoredTensor tensor) => new(tensor.Buffer, tensor.Storage, tensor.Layout);

    /// <summary>The level of work is above the levels of all work that writes what it reads.</summary>
    private static int[] Levels(IReadOnlyList<Work> works, PlanningEffort effort)
    {
        var unwritten = new Dictionary<int, int>();
        foreach (var work in works)
        {
            foreach (var buffer in work.Writes)
            {
                unwritten[buffer] = unwritten.GetValueOrDefault(buffer) + 1;
            }
        }

        var waitsFor = new int[works.Count];
        var readers = new Dictionary<int, List<int>>();
        var ready = new Queue<int>();
        for (var i = 0; i < works.Count; i++)
        {
            foreach (var buffer in works[i].Reads.Where(unwritten.ContainsKey))
            {
                waitsFor[i]++;
                if (!readers.TryGetValue(buffer, out var known))
                {
                    readers.Add(buffer, known = []);
                }

                known.Add(i);
            }

            if (waitsFor[i] == 0)
            {
                ready.Enqueue(i);
            }
        }

        var levels = new int[works.Count];
        while (ready.TryDequeue(out var i))
        {
            effort.Look();

            // Work becomes ready in the order of its levels, so the last to write a buffer is the highest of its writers.
            levels[i]++;
            foreach (var buffer in works[i].Writes.Where(buffer => --unwritten[buffer] == 0))
            {
                foreach (var reader in readers.GetValueOrDefault(buffer) ?? [])
                {
                    levels[reader] = System.Math.Max(levels[reader], levels[i]);
                    if (--waitsFor[reader] == 0)
                    {
                        ready.Enqueue(reader);
                    }
                }
            }
        }

        return levels.Contains(0) ? throw new InternalFuserException(ErrorCodes.Internal, "the steps of the plan wait for each other") : levels;
    }

    /// <param name="Operations">Operations of one section; all for no sections.</param>
    /// <param name="Reductions">Reductions of one section.</param>
    /// <param name="LooksPerTensor">How often each tensor may be looked at on average, beside <see cref="LeastLooks"/>.</param>
    private sealed record PlanningWay(int Operations, int Reductions, int LooksPerTensor);
}
