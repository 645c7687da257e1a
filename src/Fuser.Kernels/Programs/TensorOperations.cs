using System.Collections.Immutable;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Programs;

/// <summary>What is known of a tensor without computing: its shape, other looks at its memory, and single elements.</summary>
internal static class TensorOperations
{
    /// <summary>Null when the kind has no such meaning.</summary>
    public static ProgramValue? TryEvaluate(HostArguments a)
    {
        switch (a.Node.Kind)
        {
            case "aten::broadcast_tensors":
                return BroadcastTensors(a);
            case "prim::BroadcastSizes":
                return ListOf(Broadcast([.. Enumerable.Range(0, a.Count).Select(a.Integers)], a));
        }

        if (a.Count == 0 || a[0].Kind != ProgramValueKind.Tensor)
        {
            return null;
        }

        var tensor = a[0].Tensor;
        switch (a.Node.Kind)
        {
            case "aten::size" when a.Count > 1:
                return tensor.Shape[ViewOperations.AxisOf(tensor.Shape, a.Integer(1))];
            case "aten::size" or "prim::shape":
                return ListOf(tensor.Shape);
            case "aten::dim":
                return (long)tensor.Shape.Length;
            case "aten::numel":
                return tensor.Array.ElementCount;
            case "aten::len":
                return tensor.Shape[ViewOperations.AxisOf(tensor.Shape, 0)];
            case "prim::dtype":
                return (long)tensor.DType.TorchCode();
            case "prim::device":
                return "cpu";
            case "aten::is_floating_point":
                return tensor.DType.IsFloatingPoint();
            case "aten::is_complex" or "prim::is_cuda" or "prim::requires_grad":
                return false;
            case "prim::ConstantChunk":
                return Chunk(tensor, a);
            case "aten::item" or "aten::_local_scalar_dense" or "aten::ScalarImplicit":
                return HostOperations.OfDeclaredType(TensorElement.Read(a), a.Node.Outputs[0].Type);
            case "aten::Int" or "aten::IntImplicit":
                return ScalarOperations.Evaluate("aten::Int", [TensorElement.Read(a, rounded: true)]);
            case "aten::Float" or "aten::FloatImplicit":
                return TensorElement.Read(a).Float;
            case "aten::Bool" or "aten::is_nonzero":
                return TensorElement.Read(a, rounded: true).Float != 0;
        }

        if (!ViewOperations.Has(a.Node.Kind))
        {
            return null;
        }

        return ViewOperations.GivesList(a.Node.Kind)
            ? new ProgramList(ViewOperations.ApplyList(a.Node.Kind, tensor.Shape, a).Select(view => (ProgramValue)Look(tensor, view)!))
            : Look(tensor, ViewOperations.Apply(a.Node.Kind, tensor.Shape, a)) is { } view ? view : ProgramValue.Unknown(ProgramValueKind.Tensor);
    }

    /// <summary>A literal tensor, without dimensions.</summary>
    public static ProgramTensor OfConstant(DType dtype, ConstantValue item)
    {
        FuserValue number = item is IntConstant whole ? whole.Value : ((FloatConstant)item).Value;
        return new ProgramTensor(dtype switch
        {
            DType.Bool => NdArray.Scalar(number.Float != 0),
            DType.UInt8 => NdArray.Scalar(unchecked((byte)number.Integer)),
            DType.Int8 => NdArray.Scalar(unchecked((sbyte)number.Integer)),
            DType.Int16 => NdArray.Scalar(unchecked((short)number.Integer)),
            DType.Int32 => NdArray.Scalar(unchecked((int)number.Integer)),
            DType.Int64 => NdArray.Scalar(number.Integer),
            DType.Float64 => NdArray.Scalar(number.Float),
            _ => NdArray.Scalar((float)number.Float),
        }, dtype.IsHalf() ? dtype : null);
    }

    /// <summary>Another look at the same memory, or null when no strides can say it and the elements have to be moved first.</summary>
    private static ProgramTensor? Look(ProgramTensor tensor, View view)
    {
        var layout = view.Map?.Apply(tensor.Array.Layout, view.Shape) ?? Reshaping.TryReshape(tensor.Array.Layout, view.Shape);
        return layout is { } known ? tensor.WithLayout(known) : null;
    }

    private static ProgramList Chunk(ProgramTensor tensor, HostArguments a)
    {
        if (!a.Node.TryGetInt("dim", out var dim) || !a.Node.TryGetInt("chunks", out var chunks))
        {
            throw a.Error(ErrorCodes.BadAttribute, "wanted integer attributes 'dim' and 'chunks'");
        }

        return new ProgramList(ViewOperations.Chunk(tensor.Shape, chunks, ViewOperations.AxisOf(tensor.Shape, dim)).Select(view => (ProgramValue)Look(tensor, view)!));
    }

    private static ProgramList BroadcastTensors(HostArguments a)
    {
        ImmutableArray<ProgramTensor> tensors = [.. a.Items(0).Select(item => item.Kind == ProgramValueKind.Tensor ? item.Tensor : throw a.Wrong(0, "a list of tensors"))];
        var shape = Broadcast([.. tensors.Select(tensor => tensor.Shape)], a);
        return new ProgramList(tensors.Select(tensor => (ProgramValue)Look(tensor, new View(shape, IndexMap.Broadcast(tensor.Shape, shape)))!));
    }

    private static ImmutableArray<long> Broadcast(ImmutableArray<ImmutableArray<long>> shapes, HostArguments a) => shapes.Aggregate((ImmutableArray<long>)[], (known, next) =>
        Shapes.TryBroadcast(known, next)
            ?? throw a.Error(ErrorCodes.BroadcastMismatch, $"cannot broadcast {Shapes.Text(known.AsSpan())} with {Shapes.Text(next.AsSpan())}. Reshape or slice one input."));

    private static ProgramList ListOf(ImmutableArray<long> numbers) => new(numbers.Select(number => (ProgramValue)number));
}
