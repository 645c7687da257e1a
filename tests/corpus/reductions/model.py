"""Functions with reductions, as people write them; generate.py records what they give."""
import torch
import torch.nn.functional as F
from torch import Tensor


def rms_norm_rows(x: Tensor, w: Tensor, eps: float):
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + eps) * w


def log_softmax_middle(x: Tensor):
    return F.log_softmax(x, dim=1)


def variance_rows(x: Tensor):
    return torch.var(x, dim=1, unbiased=True), torch.var(x, dim=1, unbiased=False, keepdim=True)


def std_two_axes(x: Tensor):
    return torch.std(x, dim=(0, 2)), torch.std_mean(x, dim=[1, -1], unbiased=False, keepdim=True)


def cosine_rows(a: Tensor, b: Tensor):
    return F.cosine_similarity(a, b, dim=1, eps=1e-8)


def cosine_by_hand(a: Tensor, b: Tensor):
    return (a * b).sum(-1) / (a.norm(2, -1) * b.norm(2, -1)).clamp(min=1e-8)


def arg_extremes(x: Tensor):
    return torch.argmax(x, dim=1), torch.argmin(x, dim=0, keepdim=True), torch.argmax(x)


def max_with_indices(x: Tensor):
    values, indices = torch.max(x, dim=-1)
    least, places = x.min(0, keepdim=True)
    return values, indices, x - least, places


def layer_norm_module(x: Tensor, w: Tensor, b: Tensor):
    return F.layer_norm(x, [48], w, b, 1e-5)


def layer_norm_two_axes(x: Tensor, w: Tensor):
    return F.gelu(F.layer_norm(x, [6, 8], w, None, 1e-6))


def group_norm_module(x: Tensor, w: Tensor, b: Tensor):
    return F.group_norm(x, 4, w, b, 1e-5)


def batch_norm_training(x: Tensor, w: Tensor, b: Tensor):
    return torch.relu(torch.batch_norm(x, w, b, None, None, True, 0.1, 1e-5, False))


def batch_norm_evaluation(x: Tensor, w: Tensor, b: Tensor, mean: Tensor, var: Tensor):
    return F.batch_norm(x, mean, var, w, b, False, 0.1, 1e-5)


def instance_norm_images(x: Tensor, w: Tensor, b: Tensor):
    return torch.instance_norm(x, w, b, None, None, True, 0.1, 1e-5, False)


def attention_weights(scores: Tensor, mask: Tensor, scale: float):
    masked = (scores * scale).masked_fill(mask == 0, float("-inf"))
    return torch.softmax(masked, dim=-1)


def masked_softmax_empty_rows(x: Tensor, mask: Tensor):
    weights = torch.softmax(x.masked_fill(mask, float("-inf")), dim=1)
    return weights, torch.where(torch.isnan(weights), torch.zeros_like(weights), weights)


def cross_entropy_ignoring(logits: Tensor, target: Tensor, weight: Tensor):
    return F.cross_entropy(logits, target, weight, ignore_index=3), F.cross_entropy(logits, target, ignore_index=3, reduction="none")


def cross_entropy_smoothed(logits: Tensor, target: Tensor):
    return F.cross_entropy(logits, target, label_smoothing=0.1)


def nll_images(x: Tensor, target: Tensor):
    return F.nll_loss(F.log_softmax(x, 1), target, reduction="sum")


def bce_logits_weighted(x: Tensor, y: Tensor, positive: Tensor):
    return F.binary_cross_entropy_with_logits(x, y, pos_weight=positive)


def smooth_l1_mean(x: Tensor, y: Tensor):
    return F.smooth_l1_loss(x, y, beta=0.5)


def mse_mean(x: Tensor, y: Tensor):
    return F.mse_loss(x, y)


def huber_sum(x: Tensor, y: Tensor):
    return F.huber_loss(x, y, reduction="sum", delta=1.5)


def kl_divergence(logits: Tensor, target: Tensor):
    return F.kl_div(F.log_softmax(logits, 1), F.softmax(target, 1), reduction="batchmean")


def logsumexp_stable(x: Tensor):
    m = torch.amax(x, dim=1, keepdim=True)
    return torch.logsumexp(x, 1), (m + torch.log(torch.sum(torch.exp(x - m), 1, True))).squeeze(1)


def normalise_rows(x: Tensor):
    return F.normalize(x, p=2.0, dim=1)


def standardise_columns(x: Tensor):
    return (x - x.mean(0)) / (x.std(0) + 1e-6)


def entropy(logits: Tensor):
    p = torch.softmax(logits, -1)
    return -(p * torch.log(p + 1e-12)).sum(-1)


def min_max_scaling(x: Tensor):
    low, high = x.amin(0, keepdim=True), x.amax(0, keepdim=True)
    return (x - low) / (high - low)


def running_mean(x: Tensor):
    return torch.cumsum(x, 1) / torch.cumsum(torch.ones_like(x), 1)


def masks(x: Tensor, y: Tensor):
    close = torch.abs(x - y) < 0.5
    return close.all(1), close.any(0, keepdim=True), torch.all(close), (x > y).any()


def count_nonzero_rows(x: Tensor):
    return torch.count_nonzero(x, 1), torch.count_nonzero(x), (x != 0).sum(0)


def sum_to_size_bias(g: Tensor):
    return g.sum_to_size([1, 12, 1]), g.sum_to_size([5]), (g * 2).sum_to_size([4, 12, 5])


def layer_norm_gradient(g: Tensor, x: Tensor, w: Tensor):
    n = x.size(-1)
    mean = x.mean(-1, True)
    rstd = torch.rsqrt(((x - mean) * (x - mean)).mean(-1, True) + 1e-5)
    normal = (x - mean) * rstd
    gw = g * w
    gx = rstd / n * (n * gw - gw.sum(-1, True) - normal * (gw * normal).sum(-1, True))
    return gx, (g * normal).sum_to_size(w.size()), g.sum_to_size(w.size())


def softmax_gradient(g: Tensor, y: Tensor):
    return y * (g - (g * y).sum(-1, keepdim=True))


def products_and_norms(x: Tensor):
    return torch.prod(x, 1), torch.norm(x, 1.0, [0, 1]), torch.linalg.vector_norm(x, float("inf"), [1]), x.norm()


def sum_between(x: Tensor, w: Tensor):
    return torch.tanh((x * w).sum(dim=(0, 2))) + 1.0


def integer_totals(x: Tensor, keep: Tensor):
    return x.sum(), x.prod(0), (x * keep).sum(1, dtype=torch.int32), x.float().mean(1), keep.sum(-1)


def half_statistics(x: Tensor):
    return torch.softmax(x, 1), x.mean(0), (x * x).sum(1)


def float64_norm(x: Tensor, w: Tensor):
    d = x - x.mean(1, keepdim=True)
    return d / torch.sqrt((d * d).mean(1, keepdim=True) + 1e-12) * w


def gram_statistics(x: Tensor):
    centred = x - x.mean((1, 2), keepdim=True)
    energy = centred.square().sum((1, 2))
    return centred, energy, (centred.abs().amax((1, 2)) / (energy.sqrt() + 1.0)).mean()


def two_directions(x: Tensor):
    return x / x.sum(0, keepdim=True) + x / x.sum(1, keepdim=True)
