namespace Fuser.Kernels.Operations;

/// <summary>The rows of what runs as a routine, and of what only puts elements elsewhere.</summary>
internal static partial class PlannedOperations
{
    private static PlannedOperation[] MatrixRows =>
    [
        new("aten::mm", "self, mat2", "The product of two matrices, summed in the order of docs/numerics.md; both of one dtype. Integers wrap."),
        new("aten::bmm", "self, mat2", "`aten::mm` of each pair of matrices."),
        new("aten::mv", "self, vec", "A matrix times a column."),
        new("aten::dot", "self, tensor", "The sum of products of two vectors."),
        new("aten::vdot", "self, other", "As `aten::dot`."),
        new("aten::matmul", "self, other", "`aten::mm` over the last two axes, batches broadcast; a vector is a row on the left, a column on the right."),
        new("aten::linear", "input, weight, bias=None", "input times the transposed weight, plus bias."),
        new("aten::bilinear", "input1, input2, weight, bias=None", "input1 times each matrix of weight times input2, plus bias."),
        new("aten::outer", "self, vec2", "Each element of one vector times each of the other."),
        new("aten::ger", "self, vec2", "As `aten::outer`."),
        new("aten::addmm", "self, mat1, mat2, beta=1, alpha=1", "beta * self + alpha * `aten::mm`; self has no influence when beta is 0, the product none when alpha is."),
        new("aten::addmv", "self, mat, vec, beta=1, alpha=1", "beta * self + alpha * `aten::mv`; with factors of 0 as `aten::addmm`."),
        new("aten::addbmm", "self, batch1, batch2, beta=1, alpha=1", "beta * self + alpha * the sum of all products, as one sum; with factors of 0 as `aten::addmm`."),
        new("aten::baddbmm", "self, batch1, batch2, beta=1, alpha=1", "beta * self + alpha * `aten::bmm`; self has no influence when beta is 0."),
        new("aten::einsum", "equation, tensors[], path=None", "Products summed over the letters that the result lacks, two operands at a time from the left; \"...\" stands for axes that broadcast, a repeated letter for a diagonal."),
        new("aten::tensordot", "self, other, dims_self[], dims_other[]", "Products summed over pairs of axes."),
        new("aten::scaled_dot_product_attention", "query, key, value, attn_mask=None, dropout_p=0, is_causal=False, scale=None, enable_gqa=False", "softmax(query * key' * scale + mask) * value; a row that sees nothing gives 0. Without dropout."),
    ];

    private static PlannedOperation[] IndexingRows =>
    [
        new("aten::embedding", "weight, indices, padding_idx=-1, scale_grad_by_freq=False, sparse=False", "The rows of weight that indices name."),
        new("aten::index_select", "self, dim, index", "The slices along dim that index names."),
        new("aten::gather", "self, dim, index, sparse_grad=False", "For each element of index the element of self at its place, but for dim, where index says it."),
        new("aten::take_along_dim", "self, indices, dim=None", "`aten::gather` with everything broadcast; over all elements without dim."),
        new("aten::index", "self, indices[]", "The slices along one axis that one integer tensor names, which may count from the end; no masks, and not several tensors."),
        new("aten::unfold", "self, dimension, size, step", "The windows along an axis, each as a new last axis."),
        new("aten::one_hot", "self, num_classes", "1 at the class, else 0, as int64; num_classes must be given."),
    ];

    private static PlannedOperation[] CreationRows =>
    [
        new("aten::arange", "end | start, end | start, end, step; dtype=None, layout, device, pin_memory", "start + i * step, computed in float64 or int64; never in memory unless something has to read it there."),
        new("aten::linspace", "start, end, steps, dtype=None, layout, device, pin_memory", "steps numbers from start to end, the second half counted from the end."),
        new("aten::eye", "n | n, m; dtype=None, layout, device, pin_memory", "1 on the diagonal, else 0."),
        new("aten::zeros", "size[], dtype=None, layout, device, pin_memory", "0 everywhere."),
        new("aten::ones", "size[], dtype=None, layout, device, pin_memory", "1 everywhere."),
        new("aten::full", "size[], fill_value, dtype=None, layout, device, pin_memory", "One number everywhere."),
        new("aten::empty", "size[], dtype=None, layout, device, pin_memory, memory_format", "0 everywhere, so that runs agree."),
        new("aten::new_zeros", "self, size[], dtype=None, layout, device, pin_memory", "0 everywhere, of the dtype of self."),
        new("aten::new_ones", "self, size[], dtype=None, layout, device, pin_memory", "1 everywhere, of the dtype of self."),
        new("aten::new_full", "self, size[], fill_value, dtype=None, layout, device, pin_memory", "One number everywhere, of the dtype of self."),
        new("aten::new_empty", "self, size[], dtype=None, layout, device, pin_memory", "0 everywhere, of the dtype of self."),
    ];

    private static PlannedOperation[] RearrangementRows =>
    [
        new("aten::tril", "self, diagonal=0", "What lies on and below a diagonal of the last two axes, 0 above."),
        new("aten::triu", "self, diagonal=0", "What lies on and above a diagonal of the last two axes, 0 below."),
        new("aten::roll", "self, shifts[], dims[]", "Elements moved along axes, those that leave at one end entering at the other."),
        new("aten::repeat", "self, repeats[]", "The whole tensor several times along each axis."),
        new("aten::tile", "self, dims[]", "As `aten::repeat`, which counts missing axes as 1."),
        new("aten::repeat_interleave", "self, repeats, dim=None, output_size=None", "Each element along an axis several times, or of all elements; repeats is a number."),
        new("aten::constant_pad_nd", "self, pad[], value=0", "A number around the tensor, from the last axis on; negative widths cut off."),
        new("aten::pad", "self, pad[], mode=\"constant\", value=None", "As `aten::constant_pad_nd`; no other mode."),
        new("aten::cumsum", "self, dim, dtype=None", "Sums along an axis up to each element. Integers and booleans give int64; float32 is added up in float64."),
    ];

    private static PlannedOperation[] ConvolutionRows =>
    [
        new("aten::conv1d", "input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1", "Sums of products over channels and window, in the order of docs/numerics.md, plus bias. Padding may be \"same\" or \"valid\"."),
        new("aten::conv2d", "as aten::conv1d", "As `aten::conv1d`, over two axes."),
        new("aten::conv3d", "as aten::conv1d", "As `aten::conv1d`, over three axes."),
        new("aten::conv_transpose1d", "input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1", "The convolution of the input, spread by stride, with the flipped weight."),
        new("aten::conv_transpose2d", "as aten::conv_transpose1d", "As `aten::conv_transpose1d`, over two axes."),
        new("aten::convolution", "input, weight, bias, stride, padding, dilation, transposed, output_padding, groups", "One of the above, by the number of axes."),
        new("aten::_convolution", "as aten::convolution, benchmark, deterministic, cudnn_enabled, allow_tf32", "As `aten::convolution`."),
    ];

    private static PlannedOperation[] PoolingRows =>
    [
        new("aten::max_pool1d", "self, kernel_size, stride=[], padding=0, dilation=1, ceil_mode=False", "The greatest value of each window; NaN where there is one."),
        new("aten::max_pool2d", "as aten::max_pool1d", "As `aten::max_pool1d`, over two axes."),
        new("aten::max_pool1d_with_indices", "as aten::max_pool1d", "As `aten::max_pool1d`, and where it stands."),
        new("aten::max_pool2d_with_indices", "as aten::max_pool1d", "As `aten::max_pool2d`, and where it stands, counted row-major in the plane."),
        new("aten::avg_pool1d", "self, kernel_size, stride=[], padding=0, ceil_mode=False, count_include_pad=True", "The mean of each window, added up in float64, row-major."),
        new("aten::avg_pool2d", "self, kernel_size, stride=[], padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None", "As `aten::avg_pool1d`, over two axes."),
        new("aten::adaptive_avg_pool1d", "self, output_size", "The mean of windows that divide the axis as evenly as can be."),
        new("aten::adaptive_avg_pool2d", "self, output_size", "As `aten::adaptive_avg_pool1d`, over two axes."),
        new("aten::adaptive_max_pool1d", "self, output_size", "The greatest value of such windows, and where it stands."),
        new("aten::adaptive_max_pool2d", "self, output_size", "As `aten::adaptive_max_pool1d`, over two axes."),
    ];
}
