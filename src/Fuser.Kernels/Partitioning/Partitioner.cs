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
/// Makes the plan of a graph for one signature. What has to be in memory is decided first (<see cref="Roots"/>); roots that do not wait for
/// each other and have one map shape then share a kernel, whether they are related or not.
/// </summary>
internal static class Partitioner
{
    /// <summary>Values computed by all kernels of a plan, those that several of them compute counted for each.</summary>
    private const int MostNeeds = 1_000_000;

    /// <exception cref="FuserException">The inputs do not fit the graph.</exception>
    public static GraphPlan Plan(NormalisedGraph graph, ReadOnlySpan<FuserValue> inputs, FusionMode mode)
    {
        var values = inputs.ToArray();
        return (mode == FusionMode.Fused ? TryPlan(graph, values, fuse: true) : null)
            ?? TryPlan(graph, values, fuse: false)
            ?? throw new InternalFuserException(ErrorCodes.Internal, "a plan without fusion was refused");
    }

    /// <summary>Null when fusion would compute too much again and again; without it every operation is computed once.</summary>
    private static GraphPlan? TryPlan(NormalisedGraph graph, FuserValue[] values, bool fuse)
    {
        var slots = new ScalarSlots(values);
        var results = GraphEvaluator.Evaluate(graph.Graph, values, slots);

        var buffers = new List<PlanBuffer>();
        for (var i = 0; i < values.Length; i++)
        {
            buffers.Add(values[i].Kind == FuserValueKind.Array
                ? new PlanBuffer(BufferKind.Input, i, values[i].Array.DType, values[i].Array.Shape)
                : new PlanBuffer(BufferKind.Input, i, DType.Float64, []));
        }

        var roots = new Roots(fuse, buffers);
        var outputs = AddOutputs(results, roots, slots);
        return FormGroups(roots, slots) is { } groups
            ? new GraphPlan(graph, Signature.Of(values, slots.IsStructural), [.. buffers], slots.Program, groups, outputs)
            : null;
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

    private static ImmutableArray<FusionGroup>? FormGroups(Roots roots, ScalarSlots slots)
    {
        var needs = new List<List<Sight>>();
        var total = 0;
        for (var i = 0; i < roots.All.Count; i++)
        {
            needs.Add(Emission.Needs(roots.All[i], roots)); // may add roots, which the loop then reaches
            total += needs[i].Count;
            if (roots.Fuse && total > MostNeeds)
            {
                return null;
            }
        }

        var levels = Levels(roots.All);
        var order = Enumerable.Range(0, roots.All.Count).OrderBy(i => levels[i]);
        var groups = order.GroupBy(i => roots.Fuse ? (levels[i], Shapes.Text(roots.All[i].Layout.Sizes.AsSpan())) : (i, ""));
        return [.. groups.Select(group => GroupEmitter.Emit([.. group.Select(i => roots.All[i])], [.. group.Select(i => needs[i])], roots, slots))];
    }

    /// <summary>The level of a root is above the levels of all roots that write what it reads.</summary>
    private static int[] Levels(IReadOnlyList<Root> roots)
    {
        var unwritten = new Dictionary<int, int>();
        foreach (var root in roots)
        {
            unwritten[root.Buffer] = unwritten.GetValueOrDefault(root.Buffer) + 1;
        }

        var waitsFor = roots.Select(root => root.Reads.Count(unwritten.ContainsKey)).ToArray();
        var readers = Enumerable.Range(0, roots.Count).SelectMany(i => roots[i].Reads.Select(buffer => (Buffer: buffer, Root: i))).ToLookup(read => read.Buffer, read => read.Root);
        var ready = new Queue<int>(Enumerable.Range(0, roots.Count).Where(i => waitsFor[i] == 0));
        var levels = new int[roots.Count];
        while (ready.TryDequeue(out var i))
        {
            // Roots become ready in the order of their levels, so the last to write a buffer is the highest of its writers.
            levels[i]++;
            var buffer = roots[i].Buffer;
            if (--unwritten[buffer] > 0)
            {
                continue;
            }

            foreach (var reader in readers[buffer])
            {
                levels[reader] = System.Math.Max(levels[reader], levels[i]);
                if (--waitsFor[reader] == 0)
                {
                    ready.Enqueue(reader);
                }
            }
        }

        return levels;
    }
}
