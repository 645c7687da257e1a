#!/usr/bin/env python3
"""Records what eager PyTorch answers for operations that run as routines, or put elements elsewhere, into routines.jsonl.gz beside this file.

Run with an interpreter that has torch and numpy (written for Debian's python3-torch 1.13):

    python3 generate_routines.py

Each line is one case:

    op     what the case is filed under
    graph  TorchScript IR, as PyTorch prints it
    in     the inputs {"dtype", "shape", "data": little endian, base64}
    out    the outputs; absent when eager refuses the call
    ref    for floats the float64 evaluation, one entry per output, base64 float64; null otherwise

torch 1.13 has few float16 kernels on the CPU; today's has them, computing in float32, and so such a case is computed here.
"""
import base64
import gzip
import json
import math
import os
import re
import warnings

import numpy
import torch

warnings.filterwarnings("ignore")
torch.set_num_threads(1)

NAME = {torch.bool: "bool", torch.uint8: "uint8", torch.int8: "int8", torch.int16: "int16", torch.int32: "int32", torch.int64: "int64",
        torch.float16: "float16", torch.bfloat16: "bfloat16", torch.float32: "float32", torch.float64: "float64"}
HALVES = (torch.float16, torch.bfloat16)
FLOATS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
INTS = (torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64)
f16, bf16, f32, f64 = FLOATS
i64 = torch.int64
CASES = []


def data(tensor):
    tensor = tensor.contiguous()
    if tensor.dtype == bf16:
        tensor = tensor.view(torch.int16)
    return base64.b64encode(tensor.numpy().tobytes()).decode()


def written(tensor):
    return {"dtype": NAME[tensor.dtype], "shape": list(tensor.shape), "data": data(tensor)}


def normal(shape, dtype=f32, seed=0, scale=1.0):
    values = torch.from_numpy(numpy.random.RandomState(100 * seed + math.prod(shape)).normal(size=shape) * scale) if shape else torch.tensor(0.75)
    if dtype == torch.bool:
        return values > 0
    if dtype in INTS:
        return (values.abs() * 60 if dtype == torch.uint8 else values * 60).to(dtype)
    return values.to(dtype)


def below(limit, shape, seed=0, dtype=i64):
    return torch.from_numpy(numpy.asarray(numpy.random.RandomState(seed).randint(0, limit, size=shape))).to(dtype)


def evaluate(function, inputs):
    result = function(*inputs)
    return list(result) if isinstance(result, (tuple, list)) else [result]


def to(inputs, accepts, dtype):
    return [x.to(dtype) if isinstance(x, torch.Tensor) and x.dtype in accepts else x for x in inputs]


def case(op, expression, *inputs, exact=False):
    """The expression is TorchScript over a, b, c, d."""
    names = ["a", "b", "c", "d"][:len(inputs)]
    source = f"def f({', '.join(n + ': Tensor' for n in names)}):\n    return {expression}\n"
    scripted = torch.jit.CompilationUnit(source).f
    graph = re.sub(r" # <string>.*", "", str(scripted.graph))
    entry = {"op": "aten::" + op, "graph": graph, "in": [written(x) for x in inputs]}
    halves = {x.dtype for x in inputs if x.dtype in HALVES}
    try:
        if halves:
            outputs = [y.to(next(iter(halves))) if y.dtype == f32 else y for y in evaluate(scripted, to(inputs, HALVES, f32))]
        else:
            outputs = evaluate(scripted, inputs)
        entry["out"] = [written(y) for y in outputs]
        wide = evaluate(scripted, to(inputs, FLOATS, f64)) if any(y.dtype in FLOATS for y in outputs) and not exact else None
        entry["ref"] = [data(wide[i].to(f64)) if wide and y.dtype in FLOATS else None for i, y in enumerate(outputs)]
    except (RuntimeError, IndexError) as error:
        entry["why"] = str(error).strip().splitlines()[-1][:200]
    CASES.append(entry)


A = "torch.ops.aten."

# ---- products -----------------------------------------------------------------------------------------------------------------
for m, k, n in [(1, 1, 1), (3, 5, 2), (7, 0, 4), (0, 3, 2), (33, 17, 35), (3, 600, 5), (9, 300, 4)]:
    case("mm", "torch.mm(a, b)", normal([m, k]), normal([k, n], seed=1))
    case("mm", "torch.mm(a.t(), b.t())", normal([k, m]), normal([n, k], seed=1))
for dtype in NAME:
    case("mm", "torch.mm(a, b)", normal([4, 9], dtype), normal([9, 5], dtype, 1))
    case("linear", A + "linear(a, b, c)", normal([2, 4, 9], dtype), normal([5, 9], dtype, 1), normal([5], dtype, 2))
    case("addmm", "torch.addmm(c, a, b, beta=2, alpha=3)", normal([4, 9], dtype), normal([9, 5], dtype, 1), normal([4, 5], dtype, 2))
    case("dot", "torch.dot(a, b)", normal([9], dtype), normal([9], dtype, 1))
    case("outer", "torch.outer(a, b)", normal([9], dtype), normal([4], dtype, 1))
case("mm", "torch.mm(a, b)", normal([4, 9]), normal([9, 5], f64))
case("mm", "torch.mm(a, b)", normal([4, 9]), normal([8, 5]))
case("mm", "torch.mm(a, b)", normal([2, 4, 9]), normal([9, 5]))
case("mm", "torch.mm(a, b)", torch.tensor([[math.inf, 1.0], [math.nan, 0.0], [-0.0, -0.0]]), torch.tensor([[0.0, 1.0], [1.0, -1.0]]))
for a, b in [([5], [5]), ([3, 5], [5]), ([5], [5, 4]), ([3, 5], [5, 4]), ([2, 3, 5], [5]), ([2, 3, 5], [5, 4]), ([5], [2, 5, 4]), ([3, 5], [2, 5, 4]), ([2, 3, 5], [2, 5, 4]),
             ([2, 1, 3, 5], [4, 5, 4]), ([1, 3, 5], [2, 2, 5, 4]), ([2, 3, 0], [0, 4]), ([0, 3, 5], [5, 4]), ([2, 3, 5], [3, 5, 4]), ([], [5]), ([3, 2, 10, 30], [3, 1, 30, 12])]:
    case("matmul", "torch.matmul(a, b)", normal(a), normal(b, seed=1))
case("bmm", "torch.bmm(a, b)", normal([3, 4, 5]), normal([3, 5, 6]))
case("bmm", "torch.bmm(a, b)", normal([3, 4, 5]), normal([1, 5, 6]))
case("bmm", "torch.bmm(a.transpose(1, 2), b.flip([2]))", normal([3, 5, 4], i64), normal([3, 5, 6], i64))
case("mv", "torch.mv(a, b)", normal([10, 300]), normal([300]))
case("mv", "torch.mv(a.t(), b)", normal([300, 10]), normal([300]))
case("vdot", "torch.vdot(a, b)", normal([700]), normal([700], seed=1))
case("ger", "torch.ger(a, b)", normal([3]), normal([4]))
for beta, alpha in [("0", "1"), ("0.5", "2.5"), ("1", "0"), ("1", "1")]:
    case("addmm", f"torch.addmm(c, a, b, beta={beta}, alpha={alpha})", normal([4, 9]), normal([9, 5]), torch.full([5], math.nan) if beta == "0" else normal([5], seed=2))
    case("addmv", f"torch.addmv(c, a, b, beta={beta}, alpha={alpha})", normal([4, 9]), normal([9]), normal([4], seed=2))
    case("addbmm", f"torch.addbmm(c, a, b, beta={beta}, alpha={alpha})", normal([3, 4, 9]), normal([3, 9, 5]), normal([4, 5], seed=2))
    case("baddbmm", f"torch.baddbmm(c, a, b, beta={beta}, alpha={alpha})", normal([3, 4, 9]), normal([3, 9, 5]), normal([3, 1, 5], seed=2))
case("addmm", "torch.addmm(c, a, b)", normal([4, 9]), normal([9, 5]), normal([3, 5]))
for shape in ([9], [4, 9], [0, 9], [2, 1, 3, 9]):
    case("linear", A + "linear(a, b)", normal(shape), normal([5, 9]))
    case("linear", A + "linear(a, b, c)", normal(shape), normal([5, 9]), normal([5]))
case("linear", A + "linear(a, b)", normal([4, 9]), normal([9]))
case("bilinear", "torch.bilinear(a, b, c, d)", normal([4, 3]), normal([4, 5], seed=1), normal([2, 3, 5], seed=2), normal([2], seed=3))
for equation, shapes in [("ij,jk->ik", [[3, 4], [4, 5]]), ("bij,bjk->bik", [[2, 3, 4], [2, 4, 5]]), ("ij,jk", [[3, 4], [4, 5]]), ("ba,ac", [[3, 4], [4, 5]]), ("i,j->ij", [[3], [4]]), ("ij,ij->", [[3, 4], [3, 4]]),
                         ("ij,ij->ij", [[3, 4], [3, 4]]), ("...ij,...jk->...ik", [[2, 1, 3, 4], [5, 4, 2]]), ("bhqd,bhkd->bhqk", [[2, 2, 3, 4], [2, 2, 5, 4]]), ("ij->ji", [[3, 4]]), ("ij->", [[3, 4]]), ("ij->j", [[3, 4]]),
                         ("ii->i", [[4, 4]]), ("ii", [[4, 4]]), ("iij,j->i", [[3, 3, 4], [4]]), ("ij,kl->il", [[3, 4], [5, 2]]), ("i,ij,j->", [[3], [3, 4], [4]]), ("ij,jk,kl->il", [[2, 3], [3, 4], [4, 5]]), ("...->...", [[3, 4]]),
                         ("a...,a...->...", [[3, 4], [3, 4]]), ("ij,jk->ik", [[3, 4], [5, 5]]), ("ij,jk->iq", [[3, 4], [4, 5]]), ("ij->ii", [[3, 3]]), ("ijk,j->", [[3, 1, 2], [4]]), (" i j , j k -> k i ", [[3, 4], [4, 5]]), ("ii->i", [[3, 4]])]:
    case("einsum", f"torch.einsum('{equation}', [{', '.join('abc'[:len(shapes)])}])", *[normal(shape, seed=i) for i, shape in enumerate(shapes)])
case("einsum", "torch.einsum('ij->i', [a])", normal([3, 4], torch.int32))
for dims in ["[1], [0]", "[0, 1], [1, 0]", "[-1], [0]", "[], []"]:
    case("tensordot", f"{A}tensordot(a, b, {dims})", normal([4, 5] if "0, 1" in dims else [3, 4]), normal([5, 4] if "0, 1" in dims else [4, 2], seed=1))

# ---- indexing -----------------------------------------------------------------------------------------------------------------
for dtype in NAME:
    case("embedding", A + "embedding(a, b)", normal([6, 5], dtype), below(6, [2, 3]))
    case("gather", "torch.gather(a, 1, b)", normal([4, 5], dtype), below(5, [3, 7]))
case("embedding", A + "embedding(a, b)", normal([6, 5]), below(6, [4], dtype=torch.int32))
case("embedding", A + "embedding(a, b)", normal([6, 5]), below(6, []))
case("embedding", A + "embedding(a, b)", normal([6, 5]), torch.zeros([0, 2], dtype=i64))
case("embedding", A + "embedding(a, b)", normal([6, 5]), torch.tensor([1, 6]))
case("embedding", A + "embedding(a, b)", normal([6, 5]), torch.tensor([-1]))
case("embedding", A + "embedding(a, b)", normal([6, 5]), normal([2]))
for dim in (0, 1, -1):
    case("index_select", f"torch.index_select(a, {dim}, b)", normal([4, 5, 3]), below(3, [6]))
    case("index_select", f"torch.index_select(a.flip([0]).transpose(0, 2), {dim}, b)", normal([4, 5, 3]), below(3, [6], dtype=torch.int32))
    case("gather", f"torch.gather(a, {dim}, b)", normal([4, 5, 3]), below(3, [2, 4, 3]))
    case("take_along_dim", f"torch.take_along_dim(a, b, {dim})", normal([4, 5, 3]), below(3, [1, 5, 3] if dim == 0 else [4, 5, 1] if dim == -1 else [1, 5, 1]))
    case("unfold", f"a.unfold({dim}, 2, 2)", normal([4, 5, 3]), exact=True)
case("index_select", "torch.index_select(a, 0, b)", normal([]), torch.tensor([0]))
case("index_select", "torch.index_select(a, 0, b)", normal([4]), torch.tensor(2))
case("index_select", "torch.index_select(a, 0, b)", normal([4]), torch.tensor([-1]))
case("index_select", "torch.index_select(a, 1, b)", normal([4, 0, 2]), torch.zeros([0], dtype=i64))
case("gather", "torch.gather(a, 0, b)", normal([4, 5]), torch.tensor([[4]]))
case("gather", "torch.gather(a, 0, b)", normal([4, 5]), below(4, [2, 6]))
case("gather", "torch.gather(a, 0, b)", normal([]), torch.tensor(0))
case("gather", "torch.gather(a, 0, b)", normal([4]), below(4, [9]))
case("take_along_dim", "torch.take_along_dim(a, b)", normal([4, 5]), below(20, [3]))
case("index", "a[b]", normal([4, 5]), torch.tensor([[0, -1], [2, -4]]))
case("index", "a[:, b]", normal([4, 5]), torch.tensor([0, -1, -5]))
case("index", "a[b]", normal([4, 5]), torch.tensor([4]))
case("index", "a[b]", normal([4, 5]), torch.tensor([-5]))
case("unfold", "a.unfold(0, 3, 1)", normal([9]), exact=True)
case("unfold", "a.unfold(0, 10, 1)", normal([9]), exact=True)
case("one_hot", A + "one_hot(a, 5)", below(5, [2, 3]))
case("one_hot", A + "one_hot(a, 5)", torch.tensor([5]))

# ---- made of numbers ----------------------------------------------------------------------------------------------------------
for args in ["5", "0", "2, 9", "9, 2, -3", "0.5, 3.25, 0.25", "2.0", "-3, 4, 2", "1, 10, dtype=torch.float32", "0, 1, 0.1, dtype=torch.float64", "7, dtype=torch.int32", "0.0, 7.5, 1.5, dtype=torch.int64", "3, 1", "0, 5, 0",
             "300, dtype=torch.uint8", "0, 1, 0.1"]:
    case("arange", f"(torch.arange({args}), a)", normal([1]), exact=True)
for size in ["[2, 3]", "[]", "[0, 2]"]:
    for made in [f"torch.zeros({size})", f"torch.ones({size}, dtype=torch.int64)", f"torch.full({size}, 2.5)", f"torch.full({size}, 3)", f"torch.full({size}, 7, dtype=torch.float64)",
                 f"a.new_zeros({size})", f"a.new_ones({size})", f"a.new_full({size}, 3)", f"a.new_full({size}, 2.5, dtype=torch.int32)"]:
        case(re.search(r"(new_\w+|zeros|ones|full)", made)[0], f"({made}, a)", normal([2], torch.float64), exact=True)
for args in ["3", "3, 5", "4, 2, dtype=torch.int64", "0"]:
    case("eye", f"(torch.eye({args}), a)", normal([1]), exact=True)
for args in ["0, 1, 5", "-2.5, 4.25, 12", "3, -1, 4", "1, 2, 1", "1, 2, 0", "0, 1, 7, dtype=torch.float64"]:
    case("linspace", f"(torch.linspace({args}), a)", normal([1]))

# ---- put elsewhere ------------------------------------------------------------------------------------------------------------
for op in ["tril", "triu"]:
    for k in (-2, -1, 0, 1, 3):
        case(op, f"torch.{op}(a, {k})", normal([4, 5]), exact=True)
    for dtype in NAME:
        case(op, f"torch.{op}(a)", normal([2, 4, 3], dtype), exact=True)
    case(op, f"torch.{op}(a)", normal([4]))
for args in ["[1], [0]", "[-2], [1]", "[7, 3], [0, 1]", "[4]", "[1], [5]", "[1, 2], [0]"]:
    case("roll", f"torch.roll(a, {args})", normal([4, 5]), exact=True)
case("roll", "torch.roll(a, [1], [0])", normal([0, 2]), exact=True)
for repeats in ["[2, 3]", "[1, 1]", "[2, 1, 1]", "[0, 2]", "[3]", "[2, 2, 2]", "[-1, 2]"]:
    case("repeat", f"a.repeat({repeats})", normal([4, 5]), exact=True)
    case("tile", f"torch.tile(a, {repeats})", normal([4, 5]), exact=True)
case("repeat", "(a * 2).repeat([3, 2])", normal([4, 1]), exact=True)
for args in ["2", "3, 0", "2, -1", "0, 1", "-1, 0"]:
    case("repeat_interleave", f"torch.repeat_interleave(a, {args})", normal([4, 5]), exact=True)
for pad in ["[1, 2]", "[1, 0, 2, 3]", "[-1, 2]", "[0, 0]", "[-2, -2]", "[-3, -3]", "[1]", "[1, 1, 1, 1, 1, 1]"]:
    case("constant_pad_nd", f"{A}constant_pad_nd(a, {pad}, 1.5)", normal([4, 5]), exact=True)
    case("pad", f"{A}pad(a, {pad})", normal([4, 5]), exact=True)
case("constant_pad_nd", A + "constant_pad_nd(a, [1, 1], 3)", normal([4, 5], torch.int32), exact=True)
case("constant_pad_nd", A + "constant_pad_nd(a, [1, 1], 3)", normal([4, 0], torch.bool), exact=True)
for args in ["", "0, 0, 1", "1, 0, 1", "-2, 0, 1", "9, 0, 1", "-9, 0, 1", "1, 2, 0", "0, 1, 1"]:
    case("diagonal", f"torch.diagonal(a, {args})" if args else "torch.diagonal(a)", normal([4, 5, 3]), exact=True)
case("unflatten", A + "unflatten(a, 1, [2, -1])", normal([4, 6]), exact=True)
case("squeeze", "a.squeeze(1)", normal([4, 1, 1]), exact=True)

# ---- convolutions -------------------------------------------------------------------------------------------------------------
for args in ["", ", [2]", ", [1], [2]", ", [2], [1], [2]", ", [3], [0], [1]", ", [1], [4]"]:
    case("conv1d", f"torch.conv1d(a, b, c{args})", normal([2, 3, 11]), normal([4, 3, 3], seed=1), normal([4], seed=2))
for args in ["", ", [2, 1]", ", [1, 1], [1, 2]", ", [2, 2], [1, 1], [2, 1]", ", [3, 2], [0, 1]"]:
    case("conv2d", f"torch.conv2d(a, b, c{args})", normal([2, 3, 9, 8]), normal([4, 3, 3, 2], seed=1), normal([4], seed=2))
for padding in ("same", "valid"):
    case("conv2d", f"torch.conv2d(a, b, None, [1, 1], '{padding}', [1, 2])", normal([2, 3, 9, 8]), normal([4, 3, 3, 2], seed=1))
    case("conv1d", f"torch.conv1d(a, b, None, [1], '{padding}')", normal([2, 3, 9]), normal([4, 3, 4], seed=1))
case("conv2d", "torch.conv2d(a, b, None, [2, 1], 'same')", normal([2, 3, 9, 8]), normal([4, 3, 3, 2], seed=1))
for groups, inner, out in [(2, 2, 6), (4, 1, 4), (4, 1, 8)]:
    case("conv2d", f"torch.conv2d(a, b, c, [1, 1], [1, 1], [1, 1], {groups})", normal([2, 4, 7, 6]), normal([out, inner, 3, 3], seed=1), normal([out], seed=2))
case("conv2d", "torch.conv2d(a, b)", normal([3, 9, 8]), normal([4, 3, 3, 3], seed=1))
case("conv2d", "torch.conv2d(a, b)", normal([0, 3, 9, 8]), normal([4, 3, 3, 3], seed=1))
case("conv2d", "torch.conv2d(a, b)", normal([2, 3, 2, 8]), normal([4, 3, 3, 3], seed=1))
case("conv2d", "torch.conv2d(a, b)", normal([2, 5, 9, 8]), normal([4, 3, 3, 3], seed=1))
case("conv2d", "torch.conv2d(a.transpose(2, 3), b.flip([0]), None, [1, 1], [1, 1])", normal([1, 8, 14, 11]), normal([12, 8, 3, 3], seed=1))
for dtype in (f64, f16, bf16):
    case("conv2d", "torch.conv2d(a, b, c)", normal([2, 3, 5, 5], dtype), normal([4, 3, 3, 3], dtype, 1), normal([4], dtype, 2))
case("conv3d", "torch.conv3d(a, b, None, [1, 2, 1], [1, 0, 1])", normal([1, 2, 4, 5, 6]), normal([3, 2, 2, 3, 2], seed=1))
for args in ["", ", [2]", ", [2], [1]", ", [3], [1], [2]", ", [2], [1], [1], 3, [2]", ", [1], [4]"]:
    case("conv_transpose1d", f"torch.conv_transpose1d(a, b, None{args})", normal([2, 6, 5]), normal([6, 2, 3], seed=1))
for args in ["", ", [2, 1]", ", [2, 3], [1, 0]", ", [2, 2], [1, 1], [1, 0], 2, [1, 1]"]:
    case("conv_transpose2d", f"torch.conv_transpose2d(a, b, c{args})", normal([2, 4, 5, 3]), normal([4, 3, 3, 2], seed=1), normal([6 if ", 2, [1" in args else 3], seed=2))
case("convolution", "torch.convolution(a, b, c, [2, 1], [1, 1], [1, 1], False, [0, 0], 1)", normal([2, 3, 9, 8]), normal([4, 3, 3, 2], seed=1), normal([4], seed=2))
case("_convolution", "torch._convolution(a, b, c, [2, 1], [1, 1], [1, 1], False, [0, 0], 1, False, False, True, True)", normal([2, 3, 9, 8]), normal([4, 3, 3, 2], seed=1), normal([4], seed=2))
case("_convolution", "torch._convolution(a, b, c, [2, 1], [1, 1], [1, 1], True, [1, 0], 1, False, False, True, True)", normal([2, 3, 4, 3]), normal([3, 4, 3, 2], seed=1), normal([4], seed=2))

# ---- pooling ------------------------------------------------------------------------------------------------------------------
for args in ["[3]", "[3], [2]", "[3], [2], [1]", "[3], [2], [1], [2]", "[2], [2], [1], [1], True", "[3], [3], [0], [1], True", "[4], [1], [3]"]:
    case("max_pool1d", f"torch.max_pool1d(a, {args})", normal([2, 3, 11]), exact=True)
for args in ["[3, 3]", "[2, 3], [2, 1]", "[3, 2], [2, 2], [1, 1]", "[3, 3], [2, 2], [1, 1], [2, 1]", "[2, 2], [2, 2], [1, 0], [1, 1], True", "[2, 2]", "[20, 2]"]:
    for x in (normal([2, 3, 9, 8]), normal([3, 9, 8], f64)):
        case("max_pool2d", f"torch.max_pool2d(a, {args})", x, exact=True)
        case("max_pool2d_with_indices", f"{A}max_pool2d_with_indices(a, {args})", x, exact=True)
case("max_pool2d_with_indices", A + "max_pool2d_with_indices(a, [2, 2], [2, 2], [1, 1])", torch.tensor([[[1.0, math.nan, 3.0], [math.nan, -math.inf, 0.0], [-math.inf, -math.inf, 5.0]]]), exact=True)
case("max_pool2d", "torch.max_pool2d(a, [2, 2])", normal([0, 3, 4, 4]), exact=True)
case("max_pool2d", "torch.max_pool2d(a, [2, 2])", normal([2, 3, 0, 4]), exact=True)
case("max_pool2d", "torch.max_pool2d(a.transpose(2, 3), [2, 2])", normal([2, 3, 5, 4], f16), exact=True)
for args in ["[3]", "[3], [2]", "[3], [2], [1]", "[2], [2], [1], True", "[3], [2], [1], True, False", "[4], [1], [3]"]:
    case("avg_pool1d", f"torch.avg_pool1d(a, {args})", normal([2, 3, 11]))
for args in ["[3, 3]", "[2, 3], [2, 1]", "[3, 2], [2, 2], [1, 1]", "[3, 2], [2, 2], [1, 1], True, False", "[3, 2], [2, 2], [1, 1], True, True", "[3, 3], [2, 2], [1, 1], False, True, 4", "[3, 3], [2, 2], [0, 0], False, True, 0"]:
    for dtype in (f32, f64, f16):
        case("avg_pool2d", f"{A}avg_pool2d(a, {args})", normal([2, 3, 9, 8], dtype))
for size in ["1", "4", "5", "11", "0"]:
    case("adaptive_avg_pool1d", f"torch.adaptive_avg_pool1d(a, [{size}])", normal([2, 3, 11]))
    case("adaptive_max_pool1d", f"torch.adaptive_max_pool1d(a, [{size}])", normal([2, 3, 11]), exact=True)
for size in ["[1, 1]", "[3, 4]", "[4, 3]", "[9, 2]", "[12, 10]"]:
    case("adaptive_avg_pool2d", f"{A}adaptive_avg_pool2d(a, {size})", normal([2, 3, 9, 8]))
    case("adaptive_max_pool2d", f"{A}adaptive_max_pool2d(a, {size})", normal([3, 9, 8]), exact=True)

path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "routines.jsonl.gz")
with gzip.GzipFile(path, "wb", mtime=0) as file:
    for entry in CASES:
        file.write((json.dumps(entry) + "\n").encode())
print(len(CASES), "cases,", sum("out" not in entry for entry in CASES), "refused")
if os.environ.get("SHOW_REFUSED"):
    for entry in CASES:
        if "out" not in entry:
            print(entry["op"], entry["why"], [x["shape"] for x in entry["in"]])
