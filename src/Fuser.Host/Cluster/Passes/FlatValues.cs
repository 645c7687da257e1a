using System.Collections.Immutable;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Tensors;

namespace Fuser.Host.Cluster.Passes;

/// <summary>
/// A graph whose tensors all have one number of elements, or one element, seen as a graph of vectors: it can then be cut between any two elements, however its
/// axes are. Nothing but elementwise operations, views that keep the order of the elements and reductions of everything are in such a graph.
/// </summary>
internal static class FlatValues
{
    /// <summary>The outputs as vectors, or as what has one element; null when the graph is no such graph.</summary>
    public static ImmutableArray<PlanTensor>? Of(ImmutableArray<PlanTensor> outputs, long elements)
    {
        var flat = new Dictionary<PlanTensor, PlanTensor>(ReferenceEqualityComparer.Instance);
        foreach (var tensor in PlanOrder.Of(outputs, static _ => false))
        {
            if (Flatten(tensor, elements, flat) is not { } vector)
            {
                return null;
            }

            flat.Add(tensor, vector);
        }

        return [.. outputs.Select(output => flat[output])];
    }

    private static PlanTensor? Flatten(PlanTensor tensor, long elements, Dictionary<PlanTensor, PlanTensor> flat)
    {
        var count = Shapes.ElementCount(tensor.Shape.AsSpan());
        if (count != 1 && count != elements)
        {
            return null;
        }

        // Whether it has axes matters to type promotion.
        ImmutableArray<long> shape = count == elements ? [elements] : tensor.Shape.IsEmpty ? [] : [1];
        switch (tensor)
        {
            case StoredTensor { Layout: { Offset: 0, IsContiguous: true } } stored:
                return new StoredTensor(stored.Id, stored.DType, stored.Buffer, stored.Storage, TensorLayout.Contiguous(shape));
            case ConstantTensor:
                return tensor;
            case IndexTensor index when count == 1 || CountsElements(index):
                return new IndexTensor(index.Id, shape, [.. shape.Select(_ => 1L)]);
            case ComputedTensor computed:
                return new ComputedTensor(computed.Id, computed.DType, shape, computed.Operation, [.. computed.Arguments.Select(value => value is PlanTensor operand ? flat[operand] : value)], computed.RandomNode);
            case ReducedTensor reduced when count == 1:
                return new ReducedTensor(reduced.Id, flat[reduced.Source], reduced.Kind, [true]);
            case ViewedTensor viewed when count == 1 || viewed.Source.Shape.All(size => size == 1) || KeepsOrder(viewed):
                return Look(viewed.Id, flat[viewed.Source], shape);
            case ReshapedTensor reshaped:
                return Look(reshaped.Id, flat[reshaped.Source], shape);
            default:
                return null;
        }
    }

    private static PlanTensor? Look(int id, PlanTensor source, ImmutableArray<long> shape) =>
        source.Shape.AsSpan().SequenceEqual(shape.AsSpan()) ? source
        : source.Shape is [] or [1] ? new ViewedTensor(id, source, shape, new IndexMap([.. source.Shape.Select(_ => AxisSource.Fixed(0))]))
        : null;

    private static bool CountsElements(IndexTensor index)
    {
        var strides = Shapes.ContiguousStrides(index.Shape.AsSpan());
        return index.Shape.Select((size, axis) => size == 1 || index.Indices.Strides[axis] == strides[axis]).All(same => same);
    }

    /// <summary>Whether the view only adds and drops axes of size 1.</summary>
    private static bool KeepsOrder(ViewedTensor viewed)
    {
        var dimension = 0;
        for (var axis = 0; axis < viewed.Source.Shape.Length; axis++)
        {
            if (viewed.Source.Shape[axis] == 1)
            {
                continue;
            }

            while (dimension < viewed.Shape.Length && viewed.Shape[dimension] == 1)
            {
                dimension++;
            }

            if (dimension == viewed.Shape.Length || viewed.Map.Axes[axis] != AxisSource.Of(dimension) || viewed.Shape[dimension++] != viewed.Source.Shape[axis])
            {
                return false;
            }
        }

        return viewed.Shape[dimension..].All(size => size == 1);
    }
}
