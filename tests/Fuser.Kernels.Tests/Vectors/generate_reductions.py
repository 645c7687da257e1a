#!/usr/bin/env python3
"""Records what eager PyTorch answers for reductions and what is made of them, into reductions.jsonl.gz beside this file.

Run with an interpreter that has torch and numpy (written for Debian's python3-torch 1.13):

    python3 generate_reductions.py

Line 1 holds the named tensors: {"tensors": {name: {"dtype", "shape", "data": little endian, base64}}}. Every other line is one case:

    op     kind of the operation
    args   {"t": tensor name} | a list of ints | number, bool, null as constants
    out    per output {"dtype", "shape", "data", "error"}; "out" is absent when eager refuses
    error  for floats: the float64 evaluation less the output, as float32, base64; absent when it is the output itself (float64, exact answers)

Where torch 1.13 is not today's eager PyTorch the case is computed otherwise, with the reason: see TODAY and `run`.
Left out is what eager answers by accident, or has no answer to that a formula could give: the norm of order inf or below 0 of nothing; the statistics of
nothing in native_layer_norm; sizes that do not broadcast in _grad_sum_to_size; a class that is no class; probabilities outside [0, 1]; the mean of a row
with infinities in var_mean, std_mean and native_layer_norm, which eager's running mean makes NaN even where aten::mean is infinite.
"""
import gzip
import json
import math
import os
import re
import warnings

import numpy
import torch

from eager import CODES, DTYPES, FLOATS, INTS, NAME, NoOverload, bits, call, strict

warnings.filterwarnings("ignore")
torch.set_num_threads(1)

inf, nan = math.inf, math.nan
TENSORS = {}
CASES = []


def named(name, tensor):
    key = f"{name}.{NAME[tensor.dtype]}"
    known = TENSORS.setdefault(key, tensor)
    assert known.shape == tensor.shape, key
    return {"t": key}


def text(shape):
    return "x".join(map(str, shape)) or "scalar"


def normal(shape, dtype=torch.float32, seed=0, scale=3.0):
    """Rough numbers: their sums are inexact. Integers and booleans are made of the same."""
    count = math.prod(shape)
    values = numpy.random.RandomState(1000 + 17 * seed + count).normal(size=count) * scale
    values = torch.from_numpy(values.round(3)).reshape(shape)
    if dtype == torch.uint8:
        values = values.abs() * 20
    elif dtype in INTS:
        values = values * 20
    elif dtype == torch.bool:
        values = (values > -2).double()
    return named(f"n{seed}_{text(shape)}" + ("" if scale == 3.0 else f"_{scale}"), values.to(dtype))


def exactly(name, values, dtype=torch.float32):
    return named(name, torch.tensor(values, dtype=dtype))


def classes(name, shape, count, ignored=None, seed=0, dtype=torch.int64):
    values = numpy.random.RandomState(seed).randint(0, count, size=shape or 1).reshape(shape)
    tensor = torch.from_numpy(values).to(torch.int64)
    if ignored is not None:
        tensor[torch.from_numpy(numpy.random.RandomState(seed + 1).rand(*shape) < 0.3)] = ignored
    return named(f"{name}_{text(shape)}", tensor.to(dtype))


def probabilities(name, shape, dtype=torch.float32):
    values = numpy.random.RandomState(5).rand(*shape).round(4)
    return named(f"{name}_{text(shape)}", torch.from_numpy(numpy.asarray(values)).to(dtype))


def edges(dtype=torch.float32):
    return exactly("edges", [
        [nan, 1.0, inf, -inf, 2.0, 0.0], [-inf, -inf, -inf, -inf, -inf, -inf], [0.0, -0.0, -0.0, 0.0, -0.0, 0.0], [3.0, 5.0, 5.0, -2.0, 5.0, -2.0],
        [inf, inf, 1.0, 2.0, 3.0, 4.0], [1.0, nan, 2.0, nan, 3.0, -1.0], [1e-3, 6e4, -3e4, 1e-3, 0.5, 0.25]], dtype)


# ---- the answer ---------------------------------------------------------------------------------------------------------------

def is_tensor(argument):
    return isinstance(argument, torch.Tensor)


def rms_norm(x, shape, weight=None, eps=None):
    """Came with 2.4; as it computes today: in float32 or float64, the scale's epsilon that of this type, then rounded, then weighted."""
    wide = x if x.dtype == torch.float64 else x.float()
    eps = torch.finfo(wide.dtype).eps if eps is None else eps
    result = wide * torch.rsqrt(wide.square().mean(list(range(-len(shape), 0)), keepdim=True) + eps)
    result = result.to(x.dtype)
    return result if weight is None else result * weight


def cosine_similarity(a, b, dim=1, eps=1e-8):
    """Each over its own length since 2.0; 1.13 divided the product of both by the product of the lengths, which overflows."""
    a, b = torch.broadcast_tensors(a, b)
    dtype = torch.promote_types(a.dtype, b.dtype)
    if dtype not in FLOATS:
        raise RuntimeError("integers")
    a, b = a.to(dtype), b.to(dtype)
    return (a / a.norm(2, dim, True).clamp_min(eps) * (b / b.norm(2, dim, True).clamp_min(eps))).sum(dim)


def kl_div(x, y, reduction=1, log_target=False):
    """xlogy since 2.0: 1.13 made every target that is not above 0 count nothing."""
    loss = y.exp() * (y - x) if log_target else torch.xlogy(y, y) - y * x
    return loss if reduction == 0 else loss.mean() if reduction == 1 else loss.sum()


def truth(all_or_any):
    """Lists of axes came with 2.2, and there no axes are none, not all."""
    def of(x, *rest):
        if not rest or not isinstance(rest[0], list):
            return call(all_or_any, [x, *rest])
        axes = sorted((a % max(x.dim(), 1) for a in rest[0]), reverse=True)
        if len(set(axes)) < len(axes) or any(not -max(x.dim(), 1) <= a < max(x.dim(), 1) for a in rest[0]):
            raise IndexError("axes")
        result = x.to(torch.bool) if x.dtype != torch.uint8 else (x != 0).to(torch.uint8)
        for axis in axes:
            result = call(all_or_any, [result, axis, True])
        if not rest[1]:
            result = result.reshape([n for i, n in enumerate(result.shape) if i not in axes])
        return result
    return of


TODAY = {"rms_norm": rms_norm, "cosine_similarity": cosine_similarity, "kl_div": kl_div, "all": truth("all"), "any": truth("any")}

WITH_DTYPE = {"sum", "nansum", "mean", "prod", "norm", "linalg_vector_norm", "softmax", "log_softmax", "cumsum"}

# torch 1.13 has few float16 kernels on the CPU (and lacks some bfloat16 ones); today's has them all, computing in float32.
UNIMPLEMENTED = re.compile(r"not implemented for '(Half|BFloat16)'")
HALVES = (torch.float16, torch.bfloat16)


def evaluate(op, args):
    return TODAY[op](*args) if op in TODAY else call(op, args)


def run(op, args):
    halves = {a.dtype for a in args if is_tensor(a) and a.dtype in HALVES}
    try:
        if op in ("layer_norm", "native_layer_norm", "group_norm", "batch_norm", "instance_norm") and halves:  # 1.13 mixes up bfloat16 with float32 weights
            raise RuntimeError("not implemented for 'Half'")
        return evaluate(op, args)
    except RuntimeError as error:
        if not UNIMPLEMENTED.search(str(error)):
            raise
        wanted = [dtype for dtype in HALVES if op in WITH_DTYPE and not isinstance(args[-1], bool) and args[-1] == CODES[dtype]]
        if wanted:
            return narrowed(evaluate(op, [args[0].to(wanted[0]).float(), *args[1:-1], CODES[torch.float32]]), wanted[0])
        if not halves:
            raise
        wide = evaluate(op, [a.float() if is_tensor(a) and a.dtype in HALVES else a for a in args])
        if len(halves) > 1 or any(is_tensor(a) and a.dtype in (torch.float32, torch.float64) for a in args):
            return wide
        half = halves.pop()
        return tuple(narrowed(each, half) for each in wide) if isinstance(wide, tuple) else narrowed(wide, half)


def narrowed(tensor, half):
    return tensor.to(half) if tensor.dtype == torch.float32 else tensor


def widened(op, args):
    """Tensors of floats in float64, and dtypes asked for float64 in place of other floats."""
    wide = [a.double() if is_tensor(a) and a.dtype in FLOATS else a for a in args]
    if op in WITH_DTYPE and isinstance(wide[-1], int) and not isinstance(wide[-1], bool) and wide[-1] in (5, 6, 15):
        wide[-1] = 7
    if op == "rms_norm" and (len(args) < 4 or args[3] is None):
        wide = [*wide, *[None] * (3 - len(wide))][:3] + [torch.finfo(torch.float32 if args[0].dtype != torch.float64 else torch.float64).eps]
    return wide


def output(result, reference):
    entry = {"dtype": NAME[result.dtype], "shape": list(result.shape), "data": bits(result)}
    if result.dtype in FLOATS[:3]:
        error = reference.double() - result.double()
        error = torch.where(torch.isfinite(result) | torch.isnan(reference), error, torch.where(torch.isfinite(reference), reference, torch.zeros_like(error)))
        if bool(error.ne(0).any()):
            entry["error"] = bits(error.float())
    return entry


def case(op, *arguments):
    args = [TENSORS[a["t"]].clone() if isinstance(a, dict) else a for a in arguments]
    entry = {"op": "aten::" + op, "args": list(arguments)}
    try:
        result = run(op, [a.clone() if is_tensor(a) else a for a in args])
    except NoOverload:
        raise
    except (RuntimeError, IndexError, ValueError):
        CASES.append(entry)
        return
    results = result if isinstance(result, tuple) else (result,)
    reference = evaluate(op, widened(op, args))
    references = reference if isinstance(reference, tuple) else (reference,)
    entry["out"] = [output(*pair) for pair in zip(results, references)]
    CASES.append(entry)


# ---- reductions ---------------------------------------------------------------------------------------------------------------

SHAPES = [[], [1], [7], [33], [0], [5, 7], [1, 9], [6, 1], [40, 11], [20, 3], [0, 3], [3, 0], [2, 3, 4], [3, 1, 5], [2, 0, 3], [2, 3, 4, 5], [2, 1, 3, 2, 3], [2, 17, 18]]
LONG = [3, 2500]


def single(shape):
    """Axes one by one, counted from the front and from the end in turn."""
    return [a if a % 2 == 0 else a - len(shape) for a in range(len(shape))] or [0, -1]


def several(shape):
    rank = len(shape)
    sets = [[]] + [[a] for a in single(shape)]
    if rank > 1:
        sets += [[0, rank - 1], [-1, 0], list(range(rank))]
    if rank > 2:
        sets += [[1, -1], [0, 1]]
    if rank > 4:
        sets += [[0, 2, 4], [3, 1]]
    return sets


def over_axes(op, *after, dtypes=DTYPES, shapes=SHAPES, before=(), keep_after=False):
    """op(self, *before, dims, keepdim, *after) over all shapes in float32, and over all dtypes in two shapes."""
    def each(x, dims, keep):
        case(op, x, *before, dims, *((*after, keep) if keep_after else (keep, *after)))
    for shape in shapes:
        for i, dims in enumerate(several(shape)):
            each(normal(shape), dims, i % 2 == 0)
    for dtype in dtypes:
        each(normal([5, 7], dtype), [1], False)
        each(normal([2, 3, 4], dtype), [0, 2], True)
        if dtype in FLOATS:
            each(edges(dtype), [1], False)
            each(edges(dtype), [0], True)
    each(normal([5, 7]), [0, 0], False)
    each(normal([5, 7]), [2], False)
    each(normal([5, 7]), [-3], False)


def over_axis(op, *after, dtypes=DTYPES, shapes=SHAPES):
    for shape in shapes:
        for i, dim in enumerate(single(shape)):
            case(op, normal(shape), dim, i % 2 == 0, *after)
    for dtype in dtypes:
        case(op, normal([5, 7], dtype), 1, False, *after)
        case(op, normal([2, 3, 4], dtype), -2, True, *after)
        if dtype in FLOATS:
            case(op, edges(dtype), 1, False, *after)
            case(op, edges(dtype), 0, True, *after)
    case(op, normal([5, 7]), 2, False, *after)


def whole(op, *after, dtypes=DTYPES, shapes=SHAPES):
    for shape in shapes:
        case(op, normal(shape), *after)
    for dtype in dtypes:
        case(op, normal([2, 3, 4], dtype), *after)
        case(op, normal([0, 3], dtype), *after)
        if dtype in FLOATS:
            case(op, edges(dtype), *after)


for op in ["sum", "nansum", "mean"]:
    over_axes(op, None)
    if op != "nansum":
        whole(op, None)
    for dtype in DTYPES:
        case(op, normal([5, 7], dtype), None, True, None)
        for wanted in [torch.float32, torch.float64, torch.int64, torch.uint8, torch.float16, torch.bool]:
            if not (dtype in FLOATS and wanted == torch.uint8):  # left to the processor by C++
                case(op, normal([5, 7], dtype), [1], False, CODES[wanted])
over_axis("prod", None)
whole("prod", None)
for dtype in DTYPES:
    for wanted in [torch.float32, torch.float64, torch.int64, torch.int8, torch.bfloat16, torch.bool]:
        if not (dtype in FLOATS and wanted == torch.int8):
            case("prod", normal([5, 7], dtype), 1, False, CODES[wanted])
for op, axes in [("sum", [1]), ("mean", [1]), ("prod", 1)]:
    case(op, normal(LONG), axes, False, None)
    case(op, normal(LONG), [0] if op != "prod" else 0, False, None)
    case(op, exactly("minus_zeros", [-0.0] * 5), [0] if op != "prod" else 0, False, None)
    case(op, exactly("minus_zero", [[-0.0], [0.0]]), axes, False, None)
for op in ["amax", "amin"]:
    over_axes(op)
for op in ["max", "min"]:
    whole(op)
    over_axis(op)
for op in ["argmax", "argmin"]:
    over_axis(op)
    for keep in [False, True]:
        whole(op, None, keep)
for keep in [False, True]:
    whole("aminmax", None, keep)
over_axis("aminmax", shapes=SHAPES[1:])
for op in ["all", "any"]:
    whole(op)
    over_axis(op)
    over_axes(op)
for shape in SHAPES:
    for dims in several(shape):
        case("count_nonzero", normal(shape, torch.int32, scale=0.05), dims)
whole("count_nonzero", None)
for dtype in DTYPES:
    case("count_nonzero", normal([5, 7], dtype), 1)
    case("count_nonzero", normal([2, 3, 4], dtype), [0, -1])
case("count_nonzero", edges(), [1])
for op in ["sum_to_size", "_grad_sum_to_size"]:
    for shape, size in [([5, 7], [1, 7]), ([5, 7], [7]), ([5, 7], [1]), ([5, 7], []), ([5, 7], [5, 7]), ([2, 3, 4], [3, 1]), ([2, 3, 4], [2, 1, 1]), ([2, 3, 4], [4]),
                        ([2, 3, 4], [2, 3]), ([5, 7], [2, 5, 7]), ([], []), ([2, 0, 3], [1, 3]), ([5, 7], [5, 0]), ([2, 1, 3, 2, 3], [1, 3, 1, 3])]:
        if op == "sum_to_size" or (shape, size) not in [([5, 7], [2, 5, 7]), ([5, 7], [5, 0])]:
            case(op, normal(shape), size)
    for dtype in DTYPES:
        case(op, normal([5, 7], dtype), [1, 7])
        case(op, normal([5, 7], dtype), [5, 7])
case("_grad_sum_to_size", normal([5, 7]), None)
over_axes("logsumexp")
case("logsumexp", normal(LONG), [1], False)
case("logsumexp", normal([5, 7], scale=400.0), [1], False)

# ---- moments and norms --------------------------------------------------------------------------------------------------------

for op in ["var", "std", "var_mean", "std_mean"]:
    for unbiased in [False, True]:
        whole(op, unbiased)
        for shape in SHAPES:
            case(op, normal(shape), several(shape)[-1], unbiased, False)
        for dtype in DTYPES:
            case(op, normal([5, 7], dtype), [1], unbiased, True)
            case(op, normal([2, 3, 4], dtype), [0, 2], unbiased, False)
    for correction in [0, 1, 2, 7, 9, None]:
        case(op, normal([5, 7]), [1], correction, False)
        case(op, normal([5, 7]), None, correction, True)
    for dtype in FLOATS:
        if not op.endswith("_mean"):
            case(op, edges(dtype), [1], True, False)
    case(op, normal(LONG), [1], True, False)
    case(op, exactly("far", [[1e4 + i * 0.125 for i in range(40)]] * 2), [1], True, False)

for p in [2, 2.0, 1, 0, 3, 1.5, inf, -inf, -1, 0.5]:
    case("norm", normal([5, 7]), p)
    case("norm", normal([2, 3, 4]), p, [0, -1], True)
    case("norm", edges(), p, [1], False)
    if p in (0, 0.5, 1, 1.5, 2, 3):
        case("norm", normal([3, 0]), p, [1], False)
        case("norm", normal([0, 3]), p)
    case("linalg_vector_norm", normal([2, 3, 4]), p, [1], False, None)
    case("linalg_vector_norm", normal([2, 3, 4]), p, None, True, None)
    for dtype in DTYPES:
        case("linalg_vector_norm", normal([5, 7], dtype), p, [0], False, None)
for dtype in DTYPES:
    case("norm", normal([5, 7], dtype), 2)
    case("norm", normal([5, 7], dtype), 2, [1], False)
    case("norm", normal([5, 7], dtype), 2, CODES[torch.float64])
    case("norm", normal([5, 7], dtype), 1, [1], True, CODES[torch.float64])
    case("frobenius_norm", normal([5, 7], dtype), [0, 1], False)
    case("dist", normal([5, 7], dtype), normal([5, 7], dtype, 1), 2)
    case("linalg_vector_norm", normal([5, 7], dtype), 2, [1], False, CODES[torch.float64])
for shape in SHAPES:
    case("norm", normal(shape), 2)
    case("linalg_vector_norm", normal(shape), 2, several(shape)[-1], True, None)
    case("pairwise_distance", normal(shape), normal(shape, seed=1), 2.0, 1e-6, False)
case("norm", normal(LONG), 2, [1], False)
case("norm", normal([5, 7]), None, [1], False)
case("frobenius_norm", normal([2, 3, 4]), [1], True)
for p in [0, 1, 2, 3.5, inf]:
    case("dist", normal([5, 7]), normal([7], seed=1), p)
    case("pairwise_distance", normal([5, 7]), normal([5, 7], seed=1), float(p), 1e-6, True)
    case("pairwise_distance", normal([5, 7]), normal([7], seed=1), float(p), 0.5, False)
for dtype in FLOATS:
    case("pairwise_distance", normal([5, 7], dtype), normal([5, 7], dtype, 1), 2.0, 1e-6, False)
    case("cosine_similarity", normal([5, 7], dtype), normal([5, 7], dtype, 1), 1, 1e-8)
for a, b, dim in [([5, 7], [5, 7], 0), ([5, 7], [7], -1), ([2, 3, 4], [3, 1], 1), ([7], [7], 0), ([2, 3, 4], [2, 3, 4], 2)]:
    case("cosine_similarity", normal(a), normal(b, seed=1), dim, 1e-8)
    case("cosine_similarity", normal(a), normal(b, seed=1), dim, 4.0)
case("cosine_similarity", normal([5, 7], torch.int32), normal([5, 7], torch.float32, 1), 1, 1e-8)
case("cosine_similarity", normal([5, 7], torch.int32), normal([5, 7], torch.int32, 1), 1, 1e-8)
case("cosine_similarity", exactly("nothing", [[0.0] * 7] * 5), normal([5, 7], seed=1), 1, 1e-8)

# ---- normalisations -----------------------------------------------------------------------------------------------------------

SMALL = [shape for shape in SHAPES if math.prod(shape) <= 90]
for op in ["softmax", "log_softmax"]:
    for shape in SMALL:
        for dim in single(shape):
            case(op, normal(shape), dim, None)
    for dtype in DTYPES:
        case(op, normal([5, 7], dtype), 1, None)
        case(op, normal([5, 7], dtype), 0, CODES[torch.float32])
        case(op, normal([5, 7], dtype), -1, CODES[torch.float64])
    for dtype in FLOATS:
        case(op, edges(dtype), 1, None)
        case(op, edges(dtype), 0, None)
        case("_" + op, normal([5, 7], dtype), 1, False)
    case(op, normal([5, 7], scale=400.0), 1, None)
    case(op, normal([5, 7]), 2, None)
    case(op, normal([20, 3]), 1, None)
    case(op, normal([40, 11]), 0, None)


def weights(shape, dtype=torch.float32):
    return normal(shape, dtype, 3), normal(shape, dtype, 4)


for op, last in [("layer_norm", [False]), ("native_layer_norm", [])]:
    for shape in SMALL:
        for axes in range(len(shape) + 1 if op == "layer_norm" or 0 not in shape else 0):
            tail = shape[len(shape) - axes:]
            w, b = weights(tail)
            case(op, normal(shape), tail, w, b, 1e-5, *last)
            if axes == 1:
                case(op, normal(shape), tail, None, None, 0.1, *last)
                case(op, normal(shape), tail, w, None, 1e-5, *last)
    for dtype in DTYPES:
        w, b = weights([7], dtype)
        if op == "layer_norm" or dtype not in HALVES:  # the type of the statistics of 16-bit floats differs by device
            case(op, normal([5, 7], dtype), [7], w, b, 1e-5, *last)
    if op == "layer_norm":
        case(op, edges(), [6], None, None, 1e-5, *last)
    case(op, normal([5, 7]), [5], None, None, 1e-5, *last)
    case(op, normal([5, 7]), [7], normal([1], seed=3), None, 1e-5, *last)
    case(op, normal([5, 7]), [7], None, normal([5, 7], seed=4), 1e-5, *last)
    case(op, exactly("far", [[1e4 + i * 0.125 for i in range(40)]] * 2), [40], None, None, 1e-5, *last)
for dtype in FLOATS:
    for shape, tail in [([5, 7], [7]), ([2, 3, 4], [3, 4]), ([7], [7])]:
        case("rms_norm", normal(shape, dtype), tail, normal(tail, dtype, 3), None)
        case("rms_norm", normal(shape, dtype), tail, None, 0.01)
case("rms_norm", exactly("tiny", [[1e-5, -2e-5, 3e-5]] * 2), [3], None, None)
case("rms_norm", edges(), [6], None, 1e-5)

for shape, groups in [([2, 6], 3), ([2, 6, 5], 2), ([2, 6, 5], 6), ([2, 6, 5], 1), ([3, 4, 2, 3], 2), ([1, 4, 2, 1, 3], 4), ([2, 6, 5], 4), ([2, 6, 0], 2), ([0, 6, 5], 2), ([6], 2)]:
    w, b = weights([shape[1] if len(shape) > 1 else 6])
    if not (0 in shape):  # 1.13 divides by zero elements in different ways
        case("group_norm", normal(shape), groups, w, b, 1e-5, False)
        case("group_norm", normal(shape), groups, None, None, 0.1, False)
case("group_norm", normal([2, 6, 5]), 2, normal([3], seed=3), None, 1e-5, False)
for dtype in DTYPES:
    w, b = weights([6], dtype)
    case("group_norm", normal([2, 6, 5], dtype), 2, w, b, 1e-5, False)

for shape in [[4, 3], [4, 3, 5], [2, 3, 2, 4], [1, 3, 2, 1, 4], [4, 3, 1]]:
    w, b = weights([3])
    mean, variance = normal([3], seed=5), exactly("variances", [0.5, 2.25, 1e-3])
    for training in [False, True]:
        case("batch_norm", normal(shape), w, b, mean, variance, training, 0.1, 1e-5, False)
        case("batch_norm", normal(shape), None, None, mean, variance, training, 0.1, 0.1, False)
    case("batch_norm", normal(shape), w, b, None, None, True, 0.1, 1e-5, False)
    if len(shape) > 2:
        case("instance_norm", normal(shape), w, b, None, None, True, 0.1, 1e-5, False)
        case("instance_norm", normal(shape), None, None, mean, variance, False, 0.1, 1e-5, False)
for dtype in FLOATS:
    w, b = weights([3], dtype)
    case("batch_norm", normal([4, 3, 5], dtype), w, b, None, None, True, 0.1, 1e-5, False)
    case("batch_norm", normal([4, 3, 5], dtype), w, b, normal([3], dtype, 5), exactly("variances", [0.5, 2.25, 1e-3], dtype), False, 0.1, 1e-5, False)
case("batch_norm", normal([4, 3]), normal([4], seed=3), None, None, None, True, 0.1, 1e-5, False)
case("batch_norm", normal([4, 3]), None, None, None, None, False, 0.1, 1e-5, False)

# ---- losses -------------------------------------------------------------------------------------------------------------------

REDUCTIONS = [0, 1, 2]
for op, extra in [("mse_loss", []), ("l1_loss", []), ("smooth_l1_loss", [1.0]), ("smooth_l1_loss", [0.3]), ("smooth_l1_loss", [0.0]), ("huber_loss", [1.0]), ("huber_loss", [2.5])]:
    for reduction in REDUCTIONS:
        for shape in [[], [7], [5, 7], [0, 3], [2, 3, 4]]:
            case(op, normal(shape), normal(shape, seed=1), reduction, *extra)
        case(op, normal([5, 7]), normal([7], seed=1), reduction, *extra)
        case(op, edges(), normal([7, 6], seed=1), reduction, *extra)
        for dtype in FLOATS:
            case(op, normal([5, 7], dtype), normal([5, 7], dtype, 1), reduction, *extra)
case("smooth_l1_loss", normal([5, 7]), normal([5, 7], seed=1), 1, -1.0)
case("huber_loss", normal([5, 7]), normal([5, 7], seed=1), 1, 0.0)
for reduction in REDUCTIONS:
    for dtype in FLOATS:
        case("kl_div", normal([5, 7], dtype), probabilities("p", [5, 7], dtype), reduction, False)
        case("kl_div", normal([5, 7], dtype), normal([5, 7], dtype, 1), reduction, True)
    case("kl_div", normal([2, 3]), exactly("some_zero", [[0.0, 0.5, 1.0], [-1.0, 0.0, 0.25]]), reduction, False)
    for dtype in FLOATS:
        p, y = probabilities("p", [5, 7], dtype), probabilities("y", [5, 7], dtype)
        case("binary_cross_entropy", p, y, None, reduction)
        case("binary_cross_entropy", p, y, normal([5, 7], dtype, 2), reduction)
        case("binary_cross_entropy_with_logits", normal([5, 7], dtype), y, None, None, reduction)
        case("binary_cross_entropy_with_logits", normal([5, 7], dtype), y, normal([5, 7], dtype, 2), normal([7], dtype, 3), reduction)
    certain, answers = exactly("certain", [0.0, 1.0, 0.0, 1.0, 1e-40]), exactly("answers", [0.0, 1.0, 1.0, 0.0, 1.0])
    case("binary_cross_entropy", certain, answers, None, reduction)
    case("binary_cross_entropy_with_logits", exactly("logits", [-200.0, 200.0, -90.0, 90.0, 0.0]), answers, None, None, reduction)
    case("binary_cross_entropy_with_logits", normal([5, 7]), probabilities("y", [5, 7]), normal([7], seed=2), None, reduction)

for reduction in REDUCTIONS:
    for shape, op in [([6, 4], "nll_loss"), ([4], "nll_loss"), ([2, 4, 3, 2], "nll_loss2d"), ([6, 4], "nll_loss_nd"), ([2, 4, 3, 2], "nll_loss_nd"), ([2, 4, 3], "nll_loss_nd")]:
        samples = [n for i, n in enumerate(shape) if i != (0 if len(shape) == 1 else 1)]
        w = probabilities("w", [4])
        plain, ignoring = classes("c", samples, 4), classes("i", samples, 4, ignored=2) if samples else classes("i", samples, 4)
        for weight in [None, w]:
            case(op, normal(shape), plain, weight, reduction, -100)
            case(op, normal(shape), ignoring, weight, reduction, 2)
            if op == "nll_loss_nd":
                for smoothing in [0.0, 0.1, 1.0]:
                    case("cross_entropy_loss", normal(shape), plain, weight, reduction, -100, smoothing)
                    case("cross_entropy_loss", normal(shape), ignoring, weight, reduction, 2, smoothing)
    for shape in [[6, 4], [2, 4, 3], [4]]:
        for weight in [None, w]:
            for smoothing in [0.0, 0.2]:
                case("cross_entropy_loss", normal(shape), probabilities("q", shape), weight, reduction, -100, smoothing)
    for dtype in DTYPES:
        case("nll_loss", normal([6, 4], dtype), classes("c", [6], 4), None, reduction, -100)
        case("cross_entropy_loss", normal([6, 4], dtype), classes("c", [6], 4), None, reduction, -100, 0.0)
    case("nll_loss", normal([6, 4]), exactly("all_ignored", [-100] * 6, torch.int64), None, reduction, -100)
    case("nll_loss", normal([0, 4]), exactly("none", [], torch.int64), None, reduction, -100)
    case("cross_entropy_loss", normal([6, 4]), exactly("all_ignored", [-100] * 6, torch.int64), None, reduction, -100, 0.1)
    case("nll_loss", normal([6, 4]), classes("c", [6], 4, dtype=torch.uint8), None, reduction, -100)
    case("nll_loss", normal([6, 4]), classes("c", [6], 4, dtype=torch.int32), None, reduction, -100)
case("nll_loss", normal([6, 4]), classes("c", [2], 4), None, 1, -100)
case("nll_loss", normal([6, 4]), classes("c", [6], 4), probabilities("w", [3]), 1, -100)
case("cross_entropy_loss", normal([6, 4]), probabilities("q", [4]), None, 1, -100, 0.0)
case("cross_entropy_loss", normal([40, 11]), classes("c11", [40], 11), None, 1, -100, 0.0)

# ---- scans --------------------------------------------------------------------------------------------------------------------

for shape in SMALL:
    for dim in single(shape):
        case("cumsum", normal(shape), dim, None)
for dtype in DTYPES:
    case("cumsum", normal([5, 7], dtype), 1, None)
    for wanted in [torch.float32, torch.float64, torch.int64, torch.int8, torch.float16, torch.bool]:
        if not (dtype in FLOATS and wanted == torch.int8):
            case("cumsum", normal([5, 7], dtype), 0, CODES[wanted])
    if dtype in FLOATS:
        case("cumsum", edges(dtype), 1, None)
case("cumsum", normal([5, 7]), 2, None)
case("cumsum", exactly("minus_zeros", [-0.0] * 5), 0, None)

with gzip.GzipFile(os.path.join(os.path.dirname(os.path.abspath(__file__)), "reductions.jsonl.gz"), "wb", mtime=0) as file:
    unique = {json.dumps(strict(entry), separators=(",", ":")): None for entry in CASES}
    used = "".join(unique)
    tensors = {key: {"dtype": NAME[t.dtype], "shape": list(t.shape), "data": bits(t)} for key, t in TENSORS.items() if f'"{key}"' in used}
    file.write((json.dumps({"tensors": tensors}, separators=(",", ":")) + "\n").encode())
    for line in unique:
        file.write((line + "\n").encode())
print(len(unique), "cases of", len({entry["op"] for entry in CASES}), "operations,", sum("out" not in json.loads(line) for line in unique), "of them refused")
