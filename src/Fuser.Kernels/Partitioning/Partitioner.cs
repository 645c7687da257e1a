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
    /// <exception cref="FuserException">The inputs do not fit the graph.</exception>
    public static GraphPlan Plan(NormalisedGraph graph, ReadOnlySpan<FuserValue> inputs, FusionMode mode)
    {
        var values = inputs.ToArray();
        var slots = new ScalarSlots(values);
        var results = GraphEvaluator.Evaluate(graph.Graph, values, slots);

        var buffers = new List<PlanBuffer>();
        for (var i = 0; i < values.Length; i++)
        {
            buffers.Add(values[i].Kind == FuserValueKind.Array
                ? new PlanBuffer(BufferKind.Input, i, values[i].Array.DType, values[i].Array.Shape)
                : new PlanBuffer(BufferKind.Input, i, DType.Float64, []));
        }

        var roots = new Roots(mode == FusionMode.Fused, buffers);
        var outputs = AddOutputs(results, roots, slots);
        var groups = FormGroups(roots, slots);
        return new GraphPlan(graph, Signature.Of(inputs, slots.IsStructural), [.. buffers], slots.Program, groups, outputs);
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

    private static ImmutableArray<FusionGroup> FormGroups(Roots roots, ScalarSlots slots)
    {
        var needs = new List<List<Sight>>();
        for (var i = 0; i < roots.All.Count; i++)
        {
            needs.Add(Emission.Needs(roots.All[i], roots)); // may add roots, which the loop then reaches
        }

        var levels = Levels(roots.All);
        var order = Enumerable.Range(0, roots.All.Count).OrderBy(i => levels[i]);
        var groups = order.GroupBy(i => roots.Fuse ? (levels[i], Shapes.Text(roots.All[i].Layout.Sizes.AsSpan())) : (i, ""));
        return [.. groups.Select(group => GroupEmitter.Emit([.. group.Select(i => roots.All[i])], [.. group.Select(i => needs[i])], roots, slots))];
    }

    /// <summary>The level of a root is above the levels of all roots that write what it reads.</summary>
    private static int[] Levels(IReadOnlyList<Root> roots)
    {
        var writers = Enumerable.Range(0, roots.Count).ToLookup(i => roots[i].Buffer);
        var levels = new int[roots.Count];
        var open = new Stack<int>();
        for (var start = 0; start < roots.Count; start++)
        {
            open.Push(start);
            while (open.TryPeek(out var i))
            {
                var waitsFor = levels[i] > 0 ? -1 : roots[i].Reads.SelectMany(buffer => writers[buffer]).FirstOrDefault(writer => levels[writer] == 0, -1);
                if (waitsFor >= 0)
                {
                    open.Push(waitsFor);
                    continue;
                }

                open.Pop();
                if (levels[i] == 0)
                {
                    levels[i] = 1 + roots[i].Reads.SelectMany(buffer => writers[buffer]).Select(writer => levels[writer]).DefaultIfEmpty(0).Max();
                }
            }
        }

        return levels;
    }
}
