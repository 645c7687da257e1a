using System.Collections.Immutable;
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
    /// <summary>Values computed by all kernels of a plan, those that several of them compute counted for each.</summary>
    private const int MostNeeds = 1_000_000;

    private const int MostAttempts = 64;

    /// <exception cref="FuserException">The inputs do not fit the graph.</exception>
    public static GraphPlan Plan(NormalisedGraph graph, ReadOnlySpan<FuserValue> inputs, FusionMode mode)
    {
        var values = inputs.ToArray();
        return (mode == FusionMode.Fused ? TryPlan(graph, values) : null)
            ?? Attempt(graph, values, fuse: false, []).Plan
            ?? throw new InternalFuserException(ErrorCodes.Internal, "a plan without fusion was refused");
    }

    /// <summary>
    /// Null when fusion would compute too much again and again; without it every operation is computed once. A reduction that several kernels would make is
    /// given to the first of them, and the plan is made again; each time something is given away for good, so this ends.
    /// </summary>
    private static GraphPlan? TryPlan(NormalisedGraph graph, FuserValue[] values)
    {
        var shared = new HashSet<SharedReduction>();
        for (var attempt = 0; attempt < MostAttempts; attempt++)
        {
            var known = shared.Count;
            var (plan, isTooMuch) = Attempt(graph, values, fuse: true, shared);
            if (isTooMuch || shared.Count == known)
            {
                return plan;
            }
        }

        return null;
    }

    private static (GraphPlan? Plan, bool IsTooMuch) Attempt(NormalisedGraph graph, FuserValue[] values, bool fuse, HashSet<SharedReduction> shared)
    {
        var slots = new ScalarSlots(values);
        var results = GraphEvaluator.Evaluate(graph.Graph, values, slots, out var hasReductions, out var origins);

        var buffers = new List<PlanBuffer>();
        for (var i = 0; i < values.Length; i++)
        {
            buffers.Add(values[i].Kind == FuserValueKind.Array
                ? new PlanBuffer(BufferKind.Input, i, values[i].Array.DType, values[i].Array.Shape)
                : new PlanBuffer(BufferKind.Input, i, DType.Float64, []));
        }

        var roots = new Roots(fuse, buffers, hasReductions, shared);
        var outputs = AddOutputs(results, roots, slots);
        if (FindNeeds(roots) is not { } needs)
        {
            return (null, true);
        }

        var levels = Levels(roots.All);
        List<int[]> together = [.. Enumerable.Range(0, roots.All.Count).OrderBy(i => levels[i]).GroupBy(i => KeyOf(roots, i, levels[i])).Select(group => group.ToArray())];
        if (fuse && hasReductions && SharedReductions.Find(together, roots, needs, shared))
        {
            return (null, false);
        }

        var (groups, steps) = FormSteps(together, needs, roots, slots);
        return (new GraphPlan(graph, Signature.Of(values, slots.IsStructural), [.. buffers], slots.Program, groups, steps, outputs, origins), false);
    }

    private static ImmutableArray<PlanOutput> AddOutputs(ImmutableArray<PlanValue> results, Roots roots, ScalarSlots slots)
    {
        var outputs = ImmutableArray.CreateBuilder<PlanOutput>(results.Length);
        foreach (var result in results)
        {
            outputs.Add(result switch
            {
                PlanTensor tensor => new PlanOutput(tensor.DType, tensor.Shape, roots.AddOutput(tensor, outputs.Count), -1),
                PlanNumber number => new PlanOutput(number.Category, [], -1, number.Slot >= 0 ? number.Slot : slots.OfShape(number.Value).Slot),
                _ => throw new GraphException(ErrorCodes.UnsupportedOperation, $"output {outputs.Count} is {NodeArguments.Describe(result)}; return tensors or numbers"),
            });
        }

        return outputs.MoveToImmutable();
    }

    /// <summary>What runs together: routines by themselves, kernels that do not wait for each other and run over one domain.</summary>
    private static (int, string) KeyOf(Roots roots, int work, int level) => roots.Fuse && roots.All[work] is Root root ? (level, root.Domain.Key) : (work, "");

    /// <summary>What every root computes; for routines nothing. Null when it is too much.</summary>
    private static List<List<Sight>>? FindNeeds(Roots roots)
    {
        var needs = new List<List<Sight>>();
        var total = 0;
        for (var i = 0; i < roots.All.Count; i++)
        {
            // Either may add work, which the loop then reaches.
            if (roots.All[i] is RoutineWork routine)
            {
                roots.Bind(routine);
                needs.Add([]);
                continue;
            }

            var root = (Root)roots.All[i];
            Emission.FindDomain(root, roots);
            needs.Add(Emission.Needs(root, roots));
            total += needs[i].Count;
            if (roots.Fuse && total > MostNeeds)
            {
                return null;
            }
        }

        return needs;
    }

    private static (ImmutableArray<FusionGroup> Groups, ImmutableArray<PlanStep> Steps) FormSteps(List<int[]> together, List<List<Sight>> needs, Roots roots, ScalarSlots slots)
    {
        var groups = ImmutableArray.CreateBuilder<FusionGroup>();
        var steps = ImmutableArray.CreateBuilder<PlanStep>();
        foreach (var members in together)
        {
            if (roots.All[members[0]] is RoutineWork routine)
            {
                steps.Add(Step(routine));
                continue;
            }

            steps.Add(new KernelStep(groups.Count));
            groups.Add(GroupEmitter.Emit([.. members.Select(i => (Root)roots.All[i])], [.. members.Select(i => needs[i])], roots, slots));
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
    private static int[] Levels(IReadOnlyList<Work> works)
    {
        var unwritten = new Dictionary<int, int>();
        foreach (var buffer in works.SelectMany(work => work.Writes))
        {
            unwritten[buffer] = unwritten.GetValueOrDefault(buffer) + 1;
        }

        var waitsFor = works.Select(work => work.Reads.Count(unwritten.ContainsKey)).ToArray();
        var readers = Enumerable.Range(0, works.Count).SelectMany(i => works[i].Reads.Select(buffer => (Buffer: buffer, Work: i))).ToLookup(read => read.Buffer, read => read.Work);
        var ready = new Queue<int>(Enumerable.Range(0, works.Count).Where(i => waitsFor[i] == 0));
        var levels = new int[works.Count];
        while (ready.TryDequeue(out var i))
        {
            // Work becomes ready in the order of its levels, so the last to write a buffer is the highest of its writers.
            levels[i]++;
            foreach (var buffer in works[i].Writes.Where(buffer => --unwritten[buffer] == 0))
            {
                foreach (var reader in readers[buffer])
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
}
