namespace Fuser.Kernels.Operations.Schemas;

/// <summary>The rows of what looks at tensors differently, and of what joins them. Views cost nothing; what is joined is written where it belongs at once.</summary>
internal static class ViewRows
{
    public static readonly KnownOperation[] Rows =
    [
        new("aten::view", OperationFamily.Views, "Tensor self, int[] size -> Tensor", "The elements in another shape; a size of -1 is what remains. Copies where strides cannot say it."),
        new("aten::reshape", OperationFamily.Views, "Tensor self, int[] shape -> Tensor", "As `aten::view`."),
        new("aten::_unsafe_view", OperationFamily.Views, "Tensor self, int[] size -> Tensor", "As `aten::view`."),
        new("aten::view_as", OperationFamily.Views, "Tensor self, Tensor other -> Tensor", "As `aten::view`, in the shape of other."),
        new("aten::reshape_as", OperationFamily.Views, "Tensor self, Tensor other -> Tensor", "As `aten::view`, in the shape of other."),
        new("aten::flatten", OperationFamily.Views, "Tensor self, int start_dim=0, int end_dim=-1 -> Tensor", "Several axes as one."),
        new("aten::unflatten", OperationFamily.Views, "Tensor self, int dim, int[] sizes -> Tensor", "One axis as several."),
        new("aten::squeeze", OperationFamily.Views, "Tensor self -> Tensor | Tensor self, int[] dim -> Tensor", "Without axes of size 1."),
        new("aten::unsqueeze", OperationFamily.Views, "Tensor self, int dim -> Tensor", "With one more axis of size 1."),
        new("aten::transpose", OperationFamily.Views, "Tensor self, int dim0, int dim1 -> Tensor", "Two axes exchanged."),
        new("aten::swapaxes", OperationFamily.Views, "Tensor self, int axis0, int axis1 -> Tensor", "As `aten::transpose`."),
        new("aten::swapdims", OperationFamily.Views, "Tensor self, int dim0, int dim1 -> Tensor", "As `aten::transpose`."),
        new("aten::t", OperationFamily.Views, "Tensor self -> Tensor", "As `aten::transpose` of the two axes of a matrix."),
        new("aten::numpy_T", OperationFamily.Views, "Tensor a -> Tensor", "All axes in reverse."),
        new("aten::permute", OperationFamily.Views, "Tensor self, int[] dims -> Tensor", "The axes in another order."),
        new("aten::movedim", OperationFamily.Views, "Tensor self, int[] source, int[] destination -> Tensor", "Some axes moved to other places."),
        new("aten::moveaxis", OperationFamily.Views, "Tensor self, int[] source, int[] destination -> Tensor", "As `aten::movedim`."),
        new("aten::expand", OperationFamily.Views, "Tensor self, int[] size, bool implicit=False -> Tensor", "Broadcast to a shape; a size of -1 stays as it is."),
        new("aten::expand_as", OperationFamily.Views, "Tensor self, Tensor other -> Tensor", "Broadcast to the shape of other."),
        new("aten::broadcast_to", OperationFamily.Views, "Tensor self, int[] size -> Tensor", "As `aten::expand`."),
        new("aten::broadcast_tensors", OperationFamily.Views, "Tensor[] tensors -> Tensor[]", "All broadcast to one shape."),
        new("aten::slice", OperationFamily.Views, "Tensor self, int dim=0, int? start=None, int? end=None, int step=1 -> Tensor", "Every step-th slice from start to before end, clamped as Python does."),
        new("aten::narrow", OperationFamily.Views, "Tensor self, int dim, int start, int length -> Tensor", "Some slices, which must be there."),
        new("aten::select", OperationFamily.Views, "Tensor self, int dim, int index -> Tensor", "One slice, without the axis."),
        new("aten::diagonal", OperationFamily.Views, "Tensor self, int offset=0, int dim1=0, int dim2=1 -> Tensor", "A diagonal of two axes, as the last axis."),
        new("aten::flip", OperationFamily.Views, "Tensor self, int[] dims -> Tensor", "Some axes in reverse."),
        new("aten::contiguous", OperationFamily.Views, "Tensor self, t memory_format=None -> Tensor", "self: how results lie in memory is the caller's choice."),
        new("aten::clone", OperationFamily.Views, "Tensor self, t memory_format=None -> Tensor", "self: nothing here changes in place."),
        new("aten::detach", OperationFamily.Views, "Tensor self -> Tensor", "self."),
        new("aten::alias", OperationFamily.Views, "Tensor self -> Tensor", "self."),
        new("aten::chunk", OperationFamily.Views, "Tensor self, int chunks, int dim=0 -> Tensor[]", "Parts of one size, the last perhaps smaller; perhaps fewer than asked for."),
        new("aten::split", OperationFamily.Views, "Tensor self, int[] split_size, int dim=0 -> Tensor[]", "Parts of one size, or of the sizes of a list."),
        new("aten::split_with_sizes", OperationFamily.Views, "Tensor self, int[] split_sizes, int dim=0 -> Tensor[]", "Parts of the sizes of a list."),
        new("aten::unbind", OperationFamily.Views, "Tensor self, int dim=0 -> Tensor[]", "The slices along an axis."),
        new("prim::ConstantChunk", OperationFamily.Views, "Tensor self -> Tensor...", "As `aten::chunk`, by the attributes chunks and dim."),
        new("aten::cat", OperationFamily.Views, "Tensor[] tensors, int dim=0 -> Tensor", "Tensors one behind the other along an axis."),
        new("aten::concat", OperationFamily.Views, "Tensor[] tensors, int dim=0 -> Tensor", "As `aten::cat`."),
        new("prim::FusedConcat", OperationFamily.Views, "Tensor... tensors -> Tensor", "As `aten::cat`, along the attribute dim."),
        new("aten::stack", OperationFamily.Views, "Tensor[] tensors, int dim=0 -> Tensor", "Tensors one behind the other along a new axis."),
    ];
}
