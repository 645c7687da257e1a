namespace Fuser.Kernels.Graphs;

/// <content>Operations that take tensors apart, put them together, and see them in another shape. Negative axes count from the last.</content>
public sealed partial class GraphTensor
{
    /// <summary><c>aten::chunk</c>: equal parts along an axis.</summary>
    /// <exception cref="GraphException">There is to be no part at all.</exception>
    public GraphTensor[] Chunk(int chunks, int axis) => Builder.ListOp("aten::chunk", chunks, this, chunks, axis);

    /// <summary><c>aten::cat</c>: tensors one after the other along an axis.</summary>
    /// <exception cref="GraphException">There are no tensors, or they belong to different builders.</exception>
    public static GraphTensor Cat(GraphTensor[] tensors, int axis)
        => tensors is [var first, ..]
            ? first.Emit("cat", tensors, axis)
            : throw new GraphException(ErrorCodes.BuilderMisuse, "aten::cat is given no tensors. Give it one or more.");

    /// <summary><c>aten::stack</c>: tensors of one shape along a new axis.</summary>
    /// <exception cref="GraphException">There are no tensors, or they belong to different builders.</exception>
    public static GraphTensor Stack(GraphTensor[] tensors, int axis)
        => tensors is [var first, ..]
            ? first.Emit("stack", tensors, axis)
            : throw new GraphException(ErrorCodes.BuilderMisuse, "aten::stack is given no tensors. Give it one or more.");

    /// <summary><c>aten::view</c>: the same elements in another shape, without copying; one size may be -1.</summary>
    public GraphTensor View(params long[] shape) => Emit("view", this, shape);

    /// <summary><c>aten::reshape</c>: the same elements in another shape; one size may be -1.</summary>
    public GraphTensor Reshape(params long[] shape) => Emit("reshape", this, shape);

    /// <summary><c>aten::expand</c>: axes of length 1 repeated without copying; -1 keeps a size.</summary>
    public GraphTensor Expand(params long[] shape) => Emit("expand", this, shape, false);

    /// <summary><c>aten::permute</c>: the axes in another order.</summary>
    public GraphTensor Permute(params long[] axes) => Emit("permute", this, axes);

    /// <summary><c>aten::transpose</c>: two axes swapped.</summary>
    public GraphTensor Transpose(int axis0, int axis1) => Emit("transpose", this, axis0, axis1);

    /// <summary><c>aten::unsqueeze</c>: a new axis of length 1.</summary>
    public GraphTensor Unsqueeze(int axis) => Emit("unsqueeze", this, axis);

    /// <summary><c>aten::squeeze</c>: an axis of length 1 removed.</summary>
    public GraphTensor Squeeze(int axis) => Emit("squeeze", this, axis);

    /// <summary><c>aten::slice</c>: elements start, start + step, ... before end of an axis.</summary>
    public GraphTensor Slice(int axis, long start, long end, long step = 1) => Emit("slice", this, axis, start, end, step);

    /// <summary><c>aten::select</c>: one element of an axis, which goes away.</summary>
    public GraphTensor Select(int axis, long index) => Emit("select", this, axis, index);

    /// <summary><c>aten::flatten</c>: the axes from start to end, both included, as one.</summary>
    public GraphTensor Flatten(int startAxis = 0, int endAxis = -1) => Emit("flatten", this, startAxis, endAxis);
}
