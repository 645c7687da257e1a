namespace Fuser.Kernels.Operations;

/// <summary>The rows of what is made of reductions.</summary>
internal static partial class PlannedOperations
{
    private static PlannedOperation[] ReductionRows =>
    [
        new("aten::sum", "Tensor self, int? dtype=None -> Tensor | Tensor self, int[]? dim=None, bool keepdim=False, int? dtype=None -> Tensor", "The sum, by the fixed tree. Integers and booleans give int64; in bool it is `aten::any`."),
        new("aten::nansum", "Tensor self, int[]? dim=None, bool keepdim=False, int? dtype=None -> Tensor", "The sum of what is not NaN."),
        new("aten::mean", "Tensor self, int? dtype=None -> Tensor | Tensor self, int[]? dim=None, bool keepdim=False, int? dtype=None -> Tensor", "The sum over the number of elements, rounded once; NaN of none."),
        new("aten::prod", "Tensor self, int? dtype=None -> Tensor | Tensor self, int[]? dim=None, bool keepdim=False, int? dtype=None -> Tensor", "The product, by the fixed tree. Integers and booleans give int64; in bool it is `aten::all`."),
        new("aten::amax", "Tensor self, int[] dim=[], bool keepdim=False -> Tensor", "The greatest value; NaN where there is one."),
        new("aten::amin", "Tensor self, int[] dim=[], bool keepdim=False -> Tensor", "The least value; NaN where there is one."),
        new("aten::aminmax", "Tensor self, int? dim=None, bool keepdim=False -> Tensor, Tensor", "The least and the greatest value."),
        new("aten::max", "Tensor self -> Tensor | Tensor self, int dim, bool keepdim=False -> Tensor, Tensor", "The greatest value; with a dim also where it first stands; of two tensors `aten::maximum`."),
        new("aten::min", "Tensor self -> Tensor | Tensor self, int dim, bool keepdim=False -> Tensor, Tensor", "The least value; with a dim also where it first stands; of two tensors `aten::minimum`."),
        new("aten::argmax", "Tensor self, int? dim=None, bool keepdim=False -> Tensor", "Where the greatest value first stands; NaN counts as the greatest."),
        new("aten::argmin", "Tensor self, int? dim=None, bool keepdim=False -> Tensor", "Where the least value first stands; NaN counts as the least."),
        new("aten::all", "Tensor self, int[]? dim=None, bool keepdim=False -> Tensor", "Whether all are true (not 0); true of none. uint8 stays uint8. An empty list of axes names none."),
        new("aten::any", "Tensor self, int[]? dim=None, bool keepdim=False -> Tensor", "Whether any is true (not 0); false of none. uint8 stays uint8. An empty list of axes names none."),
        new("aten::count_nonzero", "Tensor self, int[]? dim=None -> Tensor", "How many are not 0."),
        new("aten::sum_to_size", "Tensor self, int[] size -> Tensor", "Sums what broadcasting from that size repeated."),
        new("aten::_grad_sum_to_size", "Tensor self, int[]? size -> Tensor", "As `aten::sum_to_size`; self for None."),
        new("aten::logsumexp", "Tensor self, int[] dim, bool keepdim=False -> Tensor", "log(sum(exp(self))), shifted by the maximum."),
    ];

    private static PlannedOperation[] MomentRows =>
    [
        new("aten::var", "Tensor self, bool unbiased=True -> Tensor | Tensor self, int[]? dim, bool unbiased, bool keepdim=False -> Tensor | Tensor self, int[]? dim=None, Scalar? correction=None, bool keepdim=False -> Tensor", "The mean square distance from the mean, over n - correction; computed in float64 and in two sweeps, so that nothing cancels."),
        new("aten::std", "Tensor self, bool unbiased=True -> Tensor | Tensor self, int[]? dim, bool unbiased, bool keepdim=False -> Tensor | Tensor self, int[]? dim=None, Scalar? correction=None, bool keepdim=False -> Tensor", "The root of the variance."),
        new("aten::var_mean", "Tensor self, bool unbiased=True -> Tensor, Tensor | Tensor self, int[]? dim, bool unbiased, bool keepdim=False -> Tensor, Tensor | Tensor self, int[]? dim=None, Scalar? correction=None, bool keepdim=False -> Tensor, Tensor", "The variance and the mean."),
        new("aten::std_mean", "Tensor self, bool unbiased=True -> Tensor, Tensor | Tensor self, int[]? dim, bool unbiased, bool keepdim=False -> Tensor, Tensor | Tensor self, int[]? dim=None, Scalar? correction=None, bool keepdim=False -> Tensor, Tensor", "The standard deviation and the mean."),
        new("aten::norm", "Tensor self, Scalar? p=2 -> Tensor | Tensor self, Scalar? p, int dtype -> Tensor | Tensor self, Scalar? p, int[] dim, bool keepdim=False, int? dtype=None -> Tensor", "sum(|self|^p)^(1/p); for infinities the greatest or least magnitude, for 0 how many are not 0. Computed in float64, rounded once."),
        new("aten::linalg_vector_norm", "Tensor self, Scalar ord=2, int[]? dim=None, bool keepdim=False, int? dtype=None -> Tensor", "As `aten::norm`."),
        new("aten::frobenius_norm", "Tensor self, int[] dim=[], bool keepdim=False -> Tensor", "As `aten::norm` with p = 2."),
        new("aten::dist", "Tensor self, Tensor other, Scalar p=2 -> Tensor", "The norm of the difference."),
        new("aten::pairwise_distance", "Tensor x1, Tensor x2, float p=2, float eps=1e-06, bool keepdim=False -> Tensor", "The norm of x1 - x2 + eps along the last axis."),
        new("aten::cosine_similarity", "Tensor x1, Tensor x2, int dim=1, float eps=1e-08 -> Tensor", "The sum of products of both over their lengths, which count as at least eps."),
    ];

    private static PlannedOperation[] NormalisationRows =>
    [
        new("aten::softmax", "Tensor self, int dim, int? dtype=None -> Tensor", "exp(self - max) times the reciprocal of its sum."),
        new("aten::_softmax", "Tensor self, int dim, bool half_to_float=False -> Tensor", "As `aten::softmax`."),
        new("aten::log_softmax", "Tensor self, int dim, int? dtype=None -> Tensor", "self - max - log(sum(exp(self - max)))."),
        new("aten::_log_softmax", "Tensor self, int dim, bool half_to_float=False -> Tensor", "As `aten::log_softmax`."),
        new("aten::layer_norm", "Tensor input, int[] normalized_shape, Tensor? weight=None, Tensor? bias=None, float eps=1e-05, bool cudnn_enable=True -> Tensor", "(input - mean) * rsqrt(var + eps) * weight + bias over the last axes; the variance is that of `aten::var`, over n, and what is normalised is rounded once, before weight and bias."),
        new("aten::native_layer_norm", "Tensor input, int[] normalized_shape, Tensor? weight, Tensor? bias, float eps -> Tensor, Tensor, Tensor", "As `aten::layer_norm`, with the mean and the scale."),
        new("aten::rms_norm", "Tensor input, int[] normalized_shape, Tensor? weight=None, float? eps=None -> Tensor", "input * rsqrt(mean(input^2) + eps), in float64 and rounded once, * weight over the last axes."),
        new("aten::group_norm", "Tensor input, int num_groups, Tensor? weight=None, Tensor? bias=None, float eps=1e-05, bool cudnn_enabled=True -> Tensor", "As `aten::layer_norm`, over groups of channels with all that lies behind them."),
        new("aten::instance_norm", "Tensor input, Tensor? weight, Tensor? bias, Tensor? running_mean, Tensor? running_var, bool use_input_stats, float momentum, float eps, bool cudnn_enabled=True -> Tensor", "As `aten::layer_norm`, over each channel of each sample. Running statistics are never changed."),
        new("aten::batch_norm", "Tensor input, Tensor? weight, Tensor? bias, Tensor? running_mean, Tensor? running_var, bool training, float momentum, float eps, bool cudnn_enabled=True -> Tensor", "With given statistics elementwise; in training over all but axis 1. Running statistics are never changed."),
    ];

    private static PlannedOperation[] LossRows =>
    [
        new("aten::mse_loss", "Tensor self, Tensor target, int reduction=1 -> Tensor", "(self - target)^2; reduction 0: as it is, 1: the mean, 2: the sum."),
        new("aten::l1_loss", "Tensor self, Tensor target, int reduction=1 -> Tensor", "|self - target|."),
        new("aten::smooth_l1_loss", "Tensor self, Tensor target, int reduction=1, float beta=1 -> Tensor", "Half the square over beta where |self - target| is below beta, else |self - target| - beta / 2."),
        new("aten::huber_loss", "Tensor self, Tensor target, int reduction=1, float delta=1 -> Tensor", "Half the square up to delta, delta * (|self - target| - delta / 2) above."),
        new("aten::kl_div", "Tensor self, Tensor target, int reduction=1, bool log_target=False -> Tensor", "target * (log(target) - self), 0 where the target is 0."),
        new("aten::binary_cross_entropy", "Tensor self, Tensor target, Tensor? weight=None, int reduction=1 -> Tensor", "-(target * log(self) + (1 - target) * log(1 - self)), logarithms at least -100."),
        new("aten::binary_cross_entropy_with_logits", "Tensor self, Tensor target, Tensor? weight=None, Tensor? pos_weight=None, int reduction=1 -> Tensor", "The same of sigmoid(self), without overflow."),
        new("aten::nll_loss", "Tensor self, Tensor target, Tensor? weight=None, int reduction=1, int ignore_index=-100 -> Tensor", "-weight[target] * self[target]; the mean is over the weights. A target that is no class gives NaN."),
        new("aten::nll_loss_nd", "Tensor self, Tensor target, Tensor? weight=None, int reduction=1, int ignore_index=-100 -> Tensor", "As `aten::nll_loss`."),
        new("aten::nll_loss2d", "Tensor self, Tensor target, Tensor? weight=None, int reduction=1, int ignore_index=-100 -> Tensor", "As `aten::nll_loss`."),
        new("aten::cross_entropy_loss", "Tensor self, Tensor target, Tensor? weight=None, int reduction=1, int ignore_index=-100, float label_smoothing=0 -> Tensor", "`aten::nll_loss` of `aten::log_softmax`; a floating point target holds probabilities of all classes."),
    ];
}
