namespace Fuser.Kernels.Operations;

/// <summary>The rows of what runs as a routine, and of what only puts elements elsewhere.</summary>
internal static partial class PlannedOperations
{
    private static PlannedOperation[] MatrixRows =>
    [
        new("aten::mm", "Tensor self, Tensor mat2 -> Tensor", "The product of two matrices, summed in the order of docs/numerics.md; both of one dtype. Integers wrap."),
        new("aten::bmm", "Tensor self, Tensor mat2 -> Tensor", "`aten::mm` of each pair of matrices."),
        new("aten::mv", "Tensor self, Tensor vec -> Tensor", "A matrix times a column."),
        new("aten::dot", "Tensor self, Tensor tensor -> Tensor", "The sum of products of two vectors."),
        new("aten::vdot", "Tensor self, Tensor other -> Tensor", "As `aten::dot`."),
        new("aten::matmul", "Tensor self, Tensor other -> Tensor", "`aten::mm` over the last two axes, batches broadcast; a vector is a row on the left, a column on the right."),
        new("aten::linear", "Tensor input, Tensor weight, Tensor? bias=None -> Tensor", "input times the transposed weight, plus bias."),
        new("aten::bilinear", "Tensor input1, Tensor input2, Tensor weight, Tensor? bias=None -> Tensor", "input1 times each matrix of weight times input2, plus bias."),
        new("aten::outer", "Tensor self, Tensor vec2 -> Tensor", "Each element of one vector times each of the other."),
        new("aten::ger", "Tensor self, Tensor vec2 -> Tensor", "As `aten::outer`."),
        new("aten::addmm", "Tensor self, Tensor mat1, Tensor mat2, Scalar beta=1, Scalar alpha=1 -> Tensor", "beta * self + alpha * `aten::mm`; self has no influence when beta is 0, the product none when alpha is."),
        new("aten::addmv", "Tensor self, Tensor mat, Tensor vec, Scalar beta=1, Scalar alpha=1 -> Tensor", "beta * self + alpha * `aten::mv`; with factors of 0 as `aten::addmm`."),
        new("aten::addbmm", "Tensor self, Tensor batch1, Tensor batch2, Scalar beta=1, Scalar alpha=1 -> Tensor", "beta * self + alpha * the sum of all products, as one sum; with factors of 0 as `aten::addmm`."),
        new("aten::baddbmm", "Tensor self, Tensor batch1, Tensor batch2, Scalar beta=1, Scalar alpha=1 -> Tensor", "beta * self + alpha * `aten::bmm`; self has no influence when beta is 0."),
        new("aten::einsum", "str equation, Tensor[] tensors, int[]? path=None -> Tensor", "Products summed over the letters that the result lacks, two operands at a time from the left; \"...\" stands for axes that broadcast, a repeated letter for a diagonal."),
        new("aten::tensordot", "Tensor self, Tensor other, int[] dims_self, int[] dims_other -> Tensor", "Products summed over pairs of axes."),
        new("aten::scaled_dot_product_attention", "Tensor query, Tensor key, Tensor value, Tensor? attn_mask=None, float dropout_p=0, bool is_causal=False, float? scale=None, bool enable_gqa=False -> Tensor", "softmax(query * key' * scale + mask) * value; a row that sees nothing gives 0. Without dropout."),
    ];

    private static PlannedOperation[] IndexingRows =>
    [
        new("aten::embedding", "Tensor weight, Tensor indices, int padding_idx=-1, bool scale_grad_by_freq=False, bool sparse=False -> Tensor", "The rows of weight that indices name."),
        new("aten::index_select", "Tensor self, int dim, Tensor index -> Tensor", "The slices along dim that index names."),
        new("aten::gather", "Tensor self, int dim, Tensor index, bool sparse_grad=False -> Tensor", "For each element of index the element of self at its place, but for dim, where index says it."),
        new("aten::take_along_dim", "Tensor self, Tensor indices, int? dim=None -> Tensor", "`aten::gather` with everything broadcast; over all elements without dim."),
        new("aten::index", "Tensor self, Tensor?[] indices -> Tensor", "The slices along one axis that one integer tensor names, which may count from the end; no masks, and not several tensors."),
        new("aten::unfold", "Tensor self, int dimension, int size, int step -> Tensor", "The windows along an axis, each as a new last axis."),
        new("aten::one_hot", "Tensor self, int num_classes=-1 -> Tensor", "1 at the class, else 0, as int64; num_classes must be given."),
    ];

    private static PlannedOperation[] CreationRows =>
    [
        new("aten::arange", "Scalar end -> Tensor | Scalar start, Scalar end -> Tensor | Scalar start, Scalar end, Scalar step, int? dtype=None -> Tensor | Scalar end, int? dtype, t layout, t device, t pin_memory -> Tensor | Scalar start, Scalar end, int? dtype, t layout, t device, t pin_memory -> Tensor | Scalar start, Scalar end, Scalar step, int? dtype, t layout, t device, t pin_memory -> Tensor", "start + i * step, computed in float64 or int64; never in memory unless something has to read it there."),
        new("aten::linspace", "Scalar start, Scalar end, int steps, int? dtype=None, t layout=None, t device=None, t pin_memory=None -> Tensor", "steps numbers from start to end, the second half counted from the end."),
        new("aten::eye", "int n -> Tensor | int n, int m, int? dtype=None -> Tensor | int n, int? dtype, t layout, t device, t pin_memory -> Tensor | int n, int m, int? dtype, t layout, t device, t pin_memory -> Tensor", "1 on the diagonal, else 0."),
        new("aten::zeros", "int[] size, int? dtype=None, t layout=None, t device=None, t pin_memory=None -> Tensor", "0 everywhere."),
        new("aten::ones", "int[] size, int? dtype=None, t layout=None, t device=None, t pin_memory=None -> Tensor", "1 everywhere."),
        new("aten::full", "int[] size, Scalar fill_value, int? dtype=None, t layout=None, t device=None, t pin_memory=None -> Tensor", "One number everywhere."),
        new("aten::empty", "int[] size, int? dtype=None, t layout=None, t device=None, t pin_memory=None, t memory_format=None -> Tensor", "0 everywhere, so that runs agree."),
        new("aten::new_zeros", "Tensor self, int[] size, int? dtype=None, t layout=None, t device=None, t pin_memory=None -> Tensor", "0 everywhere, of the dtype of self."),
        new("aten::new_ones", "Tensor self, int[] size, int? dtype=None, t layout=None, t device=None, t pin_memory=None -> Tensor", "1 everywhere, of the dtype of self."),
        new("aten::new_full", "Tensor self, int[] size, Scalar fill_value, int? dtype=None, t layout=None, t device=None, t pin_memory=None -> Tensor", "One number everywhere, of the dtype of self."),
        new("aten::new_empty", "Tensor self, int[] size, int? dtype=None, t layout=None, t device=None, t pin_memory=None -> Tensor", "0 everywhere, of the dtype of self."),
    ];

    private static PlannedOperation[] RearrangementRows =>
    [
        new("aten::tril", "Tensor self, int diagonal=0 -> Tensor", "What lies on and below a diagonal of the last two axes, 0 above."),
        new("aten::triu", "Tensor self, int diagonal=0 -> Tensor", "What lies on and above a diagonal of the last two axes, 0 below."),
        new("aten::roll", "Tensor self, int[] shifts, int[] dims=[] -> Tensor", "Elements moved along axes, those that leave at one end entering at the other."),
        new("aten::repeat", "Tensor self, int[] repeats -> Tensor", "The whole tensor several times along each axis."),
        new("aten::tile", "Tensor self, int[] dims -> Tensor", "As `aten::repeat`, which counts missing axes as 1."),
        new("aten::repeat_interleave", "Tensor self, int|Tensor repeats, int? dim=None, int? output_size=None -> Tensor", "Each element along an axis several times, or of all elements; repeats is a number."),
        new("aten::constant_pad_nd", "Tensor self, int[] pad, Scalar value=0 -> Tensor", "A number around the tensor, from the last axis on; negative widths cut off."),
        new("aten::pad", "Tensor self, int[] pad, str mode=\"constant\", float? value=None -> Tensor", "As `aten::constant_pad_nd`; no other mode."),
        new("aten::cumsum", "Tensor self, int dim, int? dtype=None -> Tensor", "Sums along an axis up to each element. Integers and booleans give int64; float32 is added up in float64."),
    ];

    private static PlannedOperation[] ConvolutionRows =>
    [
        new("aten::conv1d", "Tensor input, Tensor weight, Tensor? bias=None, int[] stride=1, int[]|str padding=0, int[] dilation=1, int groups=1 -> Tensor", "Sums of products over channels and window, in the order of docs/numerics.md, plus bias. Padding may be \"same\" or \"valid\"."),
        new("aten::conv2d", "Tensor input, Tensor weight, Tensor? bias=None, int[] stride=1, int[]|str padding=0, int[] dilation=1, int groups=1 -> Tensor", "As `aten::conv1d`, over two axes."),
        new("aten::conv3d", "Tensor input, Tensor weight, Tensor? bias=None, int[] stride=1, int[]|str padding=0, int[] dilation=1, int groups=1 -> Tensor", "As `aten::conv1d`, over three axes."),
        new("aten::conv_transpose1d", "Tensor input, Tensor weight, Tensor? bias=None, int[] stride=1, int[] padding=0, int[] output_padding=0, int groups=1, int[] dilation=1 -> Tensor", "The convolution of the input, spread by stride, with the flipped weight."),
        new("aten::conv_transpose2d", "Tensor input, Tensor weight, Tensor? bias=None, int[] stride=1, int[] padding=0, int[] output_padding=0, int groups=1, int[] dilation=1 -> Tensor", "As `aten::conv_transpose1d`, over two axes."),
        new("aten::convolution", "Tensor input, Tensor weight, Tensor? bias, int[] stride, int[] padding, int[] dilation, bool transposed, int[] output_padding, int groups -> Tensor", "One of the above, by the number of axes."),
        new("aten::_convolution", "Tensor input, Tensor weight, Tensor? bias, int[] stride, int[] padding, int[] dilation, bool transposed, int[] output_padding, int groups, bool benchmark=False, bool deterministic=False, bool cudnn_enabled=True, bool allow_tf32=True -> Tensor", "As `aten::convolution`."),
    ];

    private static PlannedOperation[] PoolingRows =>
    [
        new("aten::max_pool1d", "Tensor self, int[] kernel_size, int[] stride=[], int[] padding=0, int[] dilation=1, bool ceil_mode=False -> Tensor", "The greatest value of each window; NaN where there is one."),
        new("aten::max_pool2d", "Tensor self, int[] kernel_size, int[] stride=[], int[] padding=0, int[] dilation=1, bool ceil_mode=False -> Tensor", "As `aten::max_pool1d`, over two axes."),
        new("aten::max_pool1d_with_indices", "Tensor self, int[] kernel_size, int[] stride=[], int[] padding=0, int[] dilation=1, bool ceil_mode=False -> Tensor, Tensor", "As `aten::max_pool1d`, and where it stands."),
        new("aten::max_pool2d_with_indices", "Tensor self, int[] kernel_size, int[] stride=[], int[] padding=0, int[] dilation=1, bool ceil_mode=False -> Tensor, Tensor", "As `aten::max_pool2d`, and where it stands, counted row-major in the plane."),
        new("aten::avg_pool1d", "Tensor self, int[] kernel_size, int[] stride=[], int[] padding=0, bool ceil_mode=False, bool count_include_pad=True -> Tensor", "The mean of each window, added up in float64, row-major."),
        new("aten::avg_pool2d", "Tensor self, int[] kernel_size, int[] stride=[], int[] padding=0, bool ceil_mode=False, bool count_include_pad=True, int? divisor_override=None -> Tensor", "As `aten::avg_pool1d`, over two axes."),
        new("aten::adaptive_avg_pool1d", "Tensor self, int[] output_size -> Tensor", "The mean of windows that divide the axis as evenly as can be."),
        new("aten::adaptive_avg_pool2d", "Tensor self, int[] output_size -> Tensor", "As `aten::adaptive_avg_pool1d`, over two axes."),
        new("aten::adaptive_max_pool1d", "Tensor self, int[] output_size -> Tensor, Tensor", "The greatest value of such windows, and where it stands."),
        new("aten::adaptive_max_pool2d", "Tensor self, int[] output_size -> Tensor, Tensor", "As `aten::adaptive_max_pool1d`, over two axes."),
    ];
}
