namespace Fuser.Kernels.Operations;

/// <summary>The rows of what is made of reductions.</summary>
internal static partial class PlannedOperations
{
    private static PlannedOperation[] ReductionRows =>
    [
        new("aten::sum", "self, dtype=None | self, dim[], keepdim, dtype=None", "The sum, by the fixed tree. Integers and booleans give int64; in bool it is `aten::any`."),
        new("aten::nansum", "self, dim[], keepdim, dtype=None", "The sum of what is not NaN."),
        new("aten::mean", "self, dtype=None | self, dim[], keepdim, dtype=None", "The sum over the number of elements, rounded once; NaN of none."),
        new("aten::prod", "self, dtype=None | self, dim, keepdim, dtype=None", "The product, by the fixed tree. Integers and booleans give int64; in bool it is `aten::all`."),
        new("aten::amax", "self, dim[], keepdim", "The greatest value; NaN where there is one."),
        new("aten::amin", "self, dim[], keepdim", "The least value; NaN where there is one."),
        new("aten::aminmax", "self, dim, keepdim", "The least and the greatest value."),
        new("aten::max", "self | self, dim, keepdim | self, other", "The greatest value; with a dim also where it first stands; of two tensors `aten::maximum`."),
        new("aten::min", "self | self, dim, keepdim | self, other", "The least value; with a dim also where it first stands; of two tensors `aten::minimum`."),
        new("aten::argmax", "self, dim=None, keepdim", "Where the greatest value first stands; NaN counts as the greatest."),
        new("aten::argmin", "self, dim=None, keepdim", "Where the least value first stands; NaN counts as the least."),
        new("aten::all", "self | self, dim, keepdim | self, dim[], keepdim", "Whether all are true (not 0); true of none. uint8 stays uint8. An empty list of axes names none."),
        new("aten::any", "self | self, dim, keepdim | self, dim[], keepdim", "Whether any is true (not 0); false of none. uint8 stays uint8. An empty list of axes names none."),
        new("aten::count_nonzero", "self, dim=None", "How many are not 0."),
        new("aten::sum_to_size", "self, size[]", "Sums what broadcasting from that size repeated."),
        new("aten::_grad_sum_to_size", "self, size[]=None", "As `aten::sum_to_size`; self for None."),
        new("aten::logsumexp", "self, dim[], keepdim", "log(sum(exp(self))), shifted by the maximum."),
    ];

    private static PlannedOperation[] MomentRows =>
    [
        new("aten::var", "self, unbiased | self, dim[], unbiased, keepdim | self, dim[], correction, keepdim", "The mean square distance from the mean, over n - correction; computed in float64 and in two sweeps, so that nothing cancels."),
        new("aten::std", "as aten::var", "The root of the variance."),
        new("aten::var_mean", "as aten::var", "The variance and the mean."),
        new("aten::std_mean", "as aten::var", "The standard deviation and the mean."),
        new("aten::norm", "self, p=2 | self, p, dtype | self, p, dim[], keepdim, dtype=None", "sum(|self|^p)^(1/p); for infinities the greatest or least magnitude, for 0 how many are not 0. Computed in float64, rounded once."),
        new("aten::linalg_vector_norm", "self, ord=2, dim[]=None, keepdim, dtype=None", "As `aten::norm`."),
        new("aten::frobenius_norm", "self, dim[], keepdim", "As `aten::norm` with p = 2."),
        new("aten::dist", "self, other, p=2", "The norm of the difference."),
        new("aten::pairwise_distance", "x1, x2, p=2, eps=1e-6, keepdim", "The norm of x1 - x2 + eps along the last axis."),
        new("aten::cosine_similarity", "x1, x2, dim=1, eps=1e-8", "The sum of products of both over their lengths, which count as at least eps."),
    ];

    private static PlannedOperation[] NormalisationRows =>
    [
        new("aten::softmax", "self, dim, dtype=None", "exp(self - max) times the reciprocal of its sum."),
        new("aten::_softmax", "self, dim, half_to_float", "As `aten::softmax`."),
        new("aten::log_softmax", "self, dim, dtype=None", "self - max - log(sum(exp(self - max)))."),
        new("aten::_log_softmax", "self, dim, half_to_float", "As `aten::log_softmax`."),
        new("aten::layer_norm", "input, normalized_shape[], weight=None, bias=None, eps=1e-5, cudnn_enable", "(input - mean) * rsqrt(var + eps) * weight + bias over the last axes; the variance is that of `aten::var`, over n, and what is normalised is rounded once, before weight and bias."),
        new("aten::native_layer_norm", "input, normalized_shape[], weight=None, bias=None, eps", "As `aten::layer_norm`, with the mean and the scale."),
        new("aten::rms_norm", "input, normalized_shape[], weight=None, eps=None", "input * rsqrt(mean(input^2) + eps), in float64 and rounded once, * weight over the last axes."),
        new("aten::group_norm", "input, num_groups, weight=None, bias=None, eps=1e-5, cudnn_enabled", "As `aten::layer_norm`, over groups of channels with all that lies behind them."),
        new("aten::instance_norm", "input, weight, bias, running_mean, running_var, use_input_stats, momentum, eps, cudnn_enabled", "As `aten::layer_norm`, over each channel of each sample. Running statistics are never changed."),
        new("aten::batch_norm", "input, weight, bias, running_mean, running_var, training, momentum, eps, cudnn_enabled", "With given statistics elementwise; in training over all but axis 1. Running statistics are never changed."),
    ];

    private static PlannedOperation[] LossRows =>
    [
        new("aten::mse_loss", "self, target, reduction=1", "(self - target)^2; reduction 0: as it is, 1: the mean, 2: the sum."),
        new("aten::l1_loss", "self, target, reduction=1", "|self - target|."),
        new("aten::smooth_l1_loss", "self, target, reduction=1, beta=1", "Half the square over beta where |self - target| is below beta, else |self - target| - beta / 2."),
        new("aten::huber_loss", "self, target, reduction=1, delta=1", "Half the square up to delta, delta * (|self - target| - delta / 2) above."),
        new("aten::kl_div", "self, target, reduction=1, log_target=False", "target * (log(target) - self), 0 where the target is 0."),
        new("aten::binary_cross_entropy", "self, target, weight=None, reduction=1", "-(target * log(self) + (1 - target) * log(1 - self)), logarithms at least -100."),
        new("aten::binary_cross_entropy_with_logits", "self, target, weight=None, pos_weight=None, reduction=1", "The same of sigmoid(self), without overflow."),
        new("aten::nll_loss", "self, target, weight=None, reduction=1, ignore_index=-100", "-weight[target] * self[target]; the mean is over the weights. A target that is no class gives NaN."),
        new("aten::nll_loss_nd", "as aten::nll_loss", "As `aten::nll_loss`."),
        new("aten::nll_loss2d", "as aten::nll_loss", "As `aten::nll_loss`."),
        new("aten::cross_entropy_loss", "self, target, weight=None, reduction=1, ignore_index=-100, label_smoothing=0", "`aten::nll_loss` of `aten::log_softmax`; a floating point target holds probabilities of all classes."),
    ];
}
