#!/usr/bin/env python3
"""Records what eager PyTorch answers for every elementwise operation, into operations.jsonl.gz beside this file.

Run with an interpreter that has torch and numpy (written for Debian's python3-torch 1.13):

    python3 generate_operations.py

Line 1 holds the named input vectors. Every other line is one case:

    op     kind of the operation
    args   vector name | {"zero": vector name, "at": index} for a 0-dim tensor | number, bool, string, null as constants
    dtype  the result's dtype, or absent when eager refuses
    out    the result, little endian, base64
    ref    for floats: the same evaluated in float64, base64 (absent when out is float64 itself)

or one table of result types over dtypes, in the order of DTYPES, one character each (its index, or X for an error, ? for unknown):

    op, table ("tensor", "zero" or a number), before, after (other arguments), codes

Where torch 1.13 is not today's eager PyTorch, or the product differs on purpose, the case is corrected or left out
here, with the reason: see `today`, HALF and LEFT_OUT.
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

NUMBERS = [2, 2.5]  # a bool becomes an int on its way through torch.ops, other than in a graph: hand-tested

VECTORS = {}


def vector(name, values, dtype):
    key = f"{name}.{NAME[dtype]}"
    if dtype in FLOATS:
        tensor = torch.tensor(values, dtype=torch.float64).to(dtype)
    elif dtype == torch.bool:
        tensor = torch.tensor([v == v and int(v) != 0 if math.isfinite(v) else True for v in values])
    else:
        info = torch.iinfo(dtype)
        span = info.max - info.min + 1
        whole = [int(v) if math.isfinite(v) else 77 for v in values]
        tensor = torch.tensor([(v - info.min) % span + info.min for v in whole], dtype=dtype)
    if name.endswith("nonzero"):
        tensor = torch.where(tensor == 0, torch.ones_like(tensor), tensor)
    VECTORS[key] = tensor
    return key


# The values of the tests. Integer dtypes wrap what does not fit.
inf, nan = math.inf, math.nan
EDGES = [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 1.5, 2.5, -2.5, -1.75, 0.1, 3.7, -3.2, 100.25, -77.0, 1e-5, 60000.0, inf, -inf, nan,
         20.5, -20.0, 0.999, 2.0, 3.0, -3.0, 88.8, -104.0, 7.9, -0.25, 1e-40, 3e38, -1e-12, 0.7]
INT_EDGES = [0, 1, -1, 2, 3, 5, 7, -3, 10, 64, 100, -100, 33, 2**63 - 1, -2**63, 2**31 - 1, -2**31, 127, -128, 255, 32767, -32768]
PAIR = [0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 3.0, 7.25, 1e-3, 250.0, inf, -inf, nan, -17.0]
INT_PAIR = [0, 1, -1, 2, 3, -5, 7, 11, 100, -77, 127, -128, 2**31 - 1, -2**63]
SMALL = [1.0, 2.0, 3.0, 0.0]


def edges(dtype):
    return vector("edges", EDGES if dtype in FLOATS else INT_EDGES, dtype)


def left(dtype):
    values = PAIR if dtype in FLOATS else INT_PAIR
    return vector("left", [v for v in values for _ in values], dtype)


def dividend(dtype):
    """As left, without the most negative number: 1.13 dies of MIN / -1 (the product wraps; hand-tested)."""
    key = left(dtype).replace("left", "dividend")
    values = VECTORS[left(dtype)]
    VECTORS[key] = torch.where(values == torch.iinfo(dtype).min, values + 1, values)
    return key


def right(dtype, suffix=""):
    values = PAIR if dtype in FLOATS else INT_PAIR
    return vector("right" + suffix, [v for _ in values for v in values], dtype)


def short(name, dtype):
    a, b = {"a": (SMALL, None), "b": ([3.0, 1.0, 2.0, 1.0], None), "c": ([1.0, 0.0, 1.0, 2.0], None)}[name]
    return vector(name, a, dtype)


def mask(length):
    key = f"mask{length}.bool"
    VECTORS[key] = torch.arange(length) % 3 == 0
    return key


def value(argument):
    if isinstance(argument, dict):
        return VECTORS[argument["zero"]][argument["at"]].clone()
    return VECTORS[argument] if isinstance(argument, str) and argument in VECTORS else argument


def is_tensor(argument):
    return isinstance(argument, torch.Tensor)


# HALF: torch 1.13 has few float16 kernels on the CPU (and lacks some bfloat16 ones); today's has them all, computing in float32.
UNIMPLEMENTED = re.compile(r"not implemented for '(Half|BFloat16)'")


def run(op, args):
    try:
        return call(op, args)
    except RuntimeError as error:
        if not UNIMPLEMENTED.search(str(error)):
            raise
        like = [a.to(torch.bfloat16) if is_tensor(a) and a.dtype == torch.float16 else a for a in args]
        wide = [a.float() if is_tensor(a) and a.dtype in (torch.float16, torch.bfloat16) else a for a in args]
        result = call(op, wide)
        halves = {a.dtype for a in args if is_tensor(a) and a.dtype in (torch.float16, torch.bfloat16)}
        if result.dtype != torch.float32 or len(halves) > 1 or any(is_tensor(a) and a.dtype == torch.float32 and a.dim() for a in args):
            return result
        return result.to(halves.pop())


NO_HALF = {"atan2", "arctan2", "hypot", "logaddexp", "logaddexp2"}
CASES = []


def today(op, args, result):
    """Corrections of torch 1.13 to what eager answers today."""
    if op == "softshrink":  # NaN stays since 2.6; before it became 0.
        x = args[0]
        return torch.where(torch.isnan(x), x, result)
    if op in ("elu", "selu", "celu"):  # e^x - 1 is expm1(x) by now, which keeps -0 and the digits of small x.
        x = args[0].double()
        alpha, scale, inner = ELU[op](*args[1:])
        return torch.where(x < 0, torch.expm1(x * inner) * (alpha * scale), x * scale).to(result.dtype)
    if op in ("logaddexp", "logaddexp2") and result.dtype == torch.float64:  # log(1 + e^x) is log1p(e^x) by now.
        a, b = args[0].double(), args[1].double()
        distance = -torch.abs(a - b)
        added = torch.log1p(torch.exp(distance)) if op == "logaddexp" else torch.log1p(torch.exp2(distance)) / math.log(2)
        return torch.where((a == b) & torch.isinf(a), a, torch.maximum(a, b) + added)
    if op == "pow" and result.dtype == torch.float16 and not is_tensor(args[1]) and args[1] in (0.5, -0.5):  # roots for float16, too
        return call(op, [args[0].float(), args[1]]).half()
    return result


ELU = {
    "elu": lambda alpha=1, scale=1, inner=1: (alpha, scale, inner),
    "selu": lambda: (1.6732632423543772848170429916717, 1.0507009873554804934193349852946, 1),
    "celu": lambda alpha=1: (alpha, 1, 1 / alpha),
}


def case(op, *arguments):
    args = [value(a) for a in arguments]
    entry = {"op": "aten::" + op, "args": list(arguments)}
    try:
        result = today(op, args, run(op, args))
    except (RuntimeError, IndexError, ValueError) as error:
        if "ZeroDivisionError" in str(error):
            raise
        CASES.append(entry)
        return
    entry["dtype"] = NAME[result.dtype]
    quotients = ("fmod", "remainder", "floor_divide", "div")
    if op in quotients and result.dtype in FLOATS:  # SLEEF's fmod of 1.13 gives up on quotients that overflow
        x, y = (a.double() if is_tensor(a) else torch.tensor(float(a)) for a in args[:2])
        entry["skip"] = torch.nonzero(torch.isnan(result) & torch.isfinite(x) & torch.isfinite(y) & (y != 0)).flatten().tolist()
    entry["out"] = bits(result)
    if result.dtype in FLOATS[:3]:
        wide = [a.double() if is_tensor(a) and a.dtype != torch.bool else a for a in args]
        try:
            reference = call(op, wide)
        except RuntimeError:
            reference = result.double()
        entry["ref"] = bits(today(op, wide, reference).double())
    CASES.append(entry)


def table(op, kind, codes, before=(), after=()):
    CASES.append({"op": "aten::" + op, "table": kind, "before": list(before), "after": list(after), "codes": codes})


def code(op, args):
    if {a.dtype for a in args if is_tensor(a)} == {torch.float16, torch.bfloat16} and op in NO_HALF:
        return "?"
    try:
        return str(DTYPES.index(run(op, args).dtype))
    except NoOverload:
        raise
    except RuntimeError as error:
        if "ZeroDivisionError" in str(error):
            return "?"
        return "X"


def tables(op, after=(), numbers=True, zeros=True):
    """Result types of op(a, b, *after) for all pairs, with b also 0-dim or a number."""
    def of(second):
        return "".join(code(op, [VECTORS[short("a", a)], second(b), *after]) for a in DTYPES for b in DTYPES)
    table(op, "tensor", of(lambda b: VECTORS[short("b", b)]), after=after)
    if zeros:
        table(op, "zero", of(lambda b: VECTORS[short("b", b)][0]), after=after)
    if numbers:
        for number in NUMBERS:
            table(op, number, "".join(code(op, [VECTORS[short("a", a)], number, *after]) for a in DTYPES), after=after)


# ---- the operations -----------------------------------------------------------------------------------------------------------

def unary(op, *after, dtypes=DTYPES):
    for dtype in dtypes:
        case(op, edges(dtype), *after)


for op in """abs absolute neg negative positive sign sgn signbit square reciprocal rsqrt sqrt exp exp2 expm1 log log2 log10 log1p erf erfc lgamma
        sin cos tan asin acos atan arcsin arccos arctan sinh cosh tanh asinh acosh atanh arcsinh arccosh arctanh sigmoid log_sigmoid silu mish
        relu relu6 selu hardsigmoid hardswish frac trunc fix floor ceil round deg2rad rad2deg isnan isinf isfinite isposinf isneginf bitwise_not
        logical_not logit gelu nan_to_num elu celu hardtanh hardshrink softshrink leaky_relu softplus sinc
        special_exp2 special_expm1 special_log1p special_erf special_erfc special_expit special_gammaln special_logit special_sinc""".split():
    unary(op)

unary("gelu", "tanh")
unary("gelu", "none")
unary("logit", 0.25)
unary("logit", None)
unary("nan_to_num", 1.5, None, -2.0)
unary("nan_to_num", None, 7.0, None)
unary("elu", 1.5, 2.0, 0.5)
unary("elu", 0.7)
unary("celu", 1.3)
unary("hardtanh", -2.0, 3.0)
unary("hardtanh", 0, 3)
unary("hardshrink", 1.1)
unary("softshrink", 1.1)
unary("leaky_relu", 0.3)
unary("leaky_relu", -0.5)
unary("softplus", 2.0, 3.0)
unary("softplus", 1, 20)
unary("threshold", 0.5, -10.0)
unary("threshold", 2, 7)
unary("round", 2)
unary("round", -1)
unary("round", 0, dtypes=FLOATS)
unary("special_round", 1)
for bounds in [(0, 2), (0.5, 2.5), (-1.0, None), (None, 1), (3, 1), (0.0, inf), (nan, 1.0), (0.0, nan)]:
    unary("clamp", *bounds)
unary("clip", -0.5, 0.5)
unary("clamp_min", 1)
unary("clamp_max", 0.5)
unary("dropout", 0.4, False)
unary("_cast_Float", False)
unary("_cast_Double", False)
unary("_cast_Half", False)

unary("zeros_like")
unary("ones_like", 5)
unary("full_like", 3)
unary("full_like", 2.5)
unary("full_like", 2.5, 6)

for exponent in [0, 1, 2, 3, 4, 7, -1, -2, -3, 0.5, -0.5, 2.0, 3.0, 1.5, -1.5, 0.0, inf]:
    unary("pow", exponent, dtypes=DTYPES if exponent != inf else FLOATS)
for base in [2, 1, -2, 0, 3, 2.0, 0.5, 10.0, -1.5]:
    for dtype in DTYPES:
        case("pow", base, edges(dtype))

BINARY = """add sub rsub mul div true_divide floor_divide remainder fmod pow atan2 arctan2 hypot copysign xlogy logaddexp logaddexp2 maximum minimum
        fmin fmax max min eq ne lt le gt ge not_equal less less_equal greater greater_equal logical_and logical_or logical_xor bitwise_and
        bitwise_or bitwise_xor __and__ __or__ __xor__ multiply subtract divide float_power special_xlogy special_xlog1py heaviside""".split()
TENSORS_ONLY = {"hypot", "atan2", "arctan2", "logaddexp", "logaddexp2", "maximum", "minimum", "fmin", "fmax", "max", "min", "heaviside", "logical_and", "logical_or", "logical_xor"}
DIVIDES = {"floor_divide", "remainder", "fmod"}
# LEFT_OUT: __lshift__ and __rshift__ of 1.13 leave counts outside the type's width to the processor; today's are hand-tested.

for op in BINARY:
    suffix = "nonzero" if op in DIVIDES else ""
    for dtype in DTYPES:
        if suffix and dtype in INTS:
            case(op, dividend(dtype), right(dtype, suffix))
        else:
            case(op, left(dtype), right(dtype))
    for a, b in [(torch.int32, torch.float32), (torch.bool, torch.int16), (torch.uint8, torch.int8), (torch.float16, torch.float32), (torch.int64, torch.float64)]:
        if not (op in DIVIDES and b in INTS):
            case(op, short("a", a), short("b", b))
    if op not in TENSORS_ONLY:
        for dtype in DTYPES:
            for number in [3, 0.1]:
                case(op, edges(dtype), number)
            case(op, edges(dtype), {"zero": short("b", torch.float64), "at": 0})
            case(op, edges(dtype), {"zero": short("b", torch.int64), "at": 0})
    tables(op, numbers=op not in TENSORS_ONLY)

for op in ["bitwise_left_shift", "bitwise_right_shift", "__lshift__", "__rshift__"]:
    for dtype in INTS:
        case(op, edges(dtype), vector("counts", [i % 8 for i in range(len(INT_EDGES))], dtype))
        case(op, edges(dtype), 3)
    tables(op, numbers=False)

for op in ["add", "sub", "rsub"]:
    for dtype in DTYPES:
        case(op, left(dtype), right(dtype), 2)
        case(op, left(dtype), right(dtype), 0.3)
        case(op, edges(dtype), 3, -2)

for mode in ["trunc", "floor", None]:
    for dtype in DTYPES:
        if mode and dtype in INTS:
            case("div", dividend(dtype), right(dtype, "nonzero"), mode)
        else:
            case("div", left(dtype), right(dtype), mode)
        case("div", edges(dtype), 3, mode)
        case("div", edges(dtype), 2.5, mode)
    tables("div", after=(mode,))

for dtype in DTYPES:
    a, b, c = left(dtype), right(dtype), edges(dtype)
    count = len(VECTORS[a])
    case("where", mask(count), a, b)
    case("where", mask(len(VECTORS[c])), c, 2)
    case("where", mask(len(VECTORS[c])), c, 0.5)
    case("where", mask(len(VECTORS[c])), 1.5, c)
    case("where", mask(4), 1, 0.0)
    case("where", mask(4), short("a", torch.float32), short("b", dtype))
    case("masked_fill", c, mask(len(VECTORS[c])), 3)
    case("masked_fill", c, mask(len(VECTORS[c])), -1.5)
    case("masked_fill", c, mask(len(VECTORS[c])), {"zero": short("b", torch.float32), "at": 0})
    case("addcmul", a, b, vector("third", [float(i % 11) - 5 for i in range(count)], dtype), 1)
    case("addcmul", a, b, vector("third", [float(i % 11) - 5 for i in range(count)], dtype), 0.3)
    case("addcmul", short("a", torch.float32), short("b", dtype), short("c", torch.int64), 2)
    case("addcdiv", a, b, vector("third", [float(i % 11) - 5 for i in range(count)], dtype), 2)
    case("addcdiv", short("a", dtype), short("b", torch.float32), short("c", torch.int64), 2)
    case("lerp", a, b, 0.25)
    case("lerp", a, b, 0.75)
    case("lerp", a, b, 1)
    case("lerp", a, b, vector("weights", [i / 80 - 0.3 for i in range(count)], dtype))
    case("lerp", short("a", dtype), short("b", torch.float32), 0.5)
    if dtype != torch.bool:  # an accident of 1.13: clamp_min and clamp_max take booleans, clamp with both bounds does not
        case("clamp", a, b, vector("upper", [float(i % 7) - 2 for i in range(count)], dtype))
    case("clamp", a, None, b)
    case("clamp_min", a, b)
    case("clamp_max", a, b)
    case("threshold_backward", a, b, 0.5)
    case("tanh_backward", a, b)
    case("sigmoid_backward", a, b)
tables("clamp_min")
tables("clamp", after=(None,), numbers=True)

# Conversions: only numbers both types hold, because C++ leaves the rest to the processor (the product saturates).
MODEST = [0.0, 1.0, 2.0, 100.0, 3.75, 99.999, 0.5, 1e-3, 127.0, 65.5, 77.77]
SIGNED = MODEST + [-1.0, -2.5, -100.9, -0.25]
for source in DTYPES:
    for target in DTYPES:
        name = vector("signed", SIGNED, source) if target != torch.uint8 else vector("modest", MODEST, source)
        case("to", name, CODES[target], False, False, None)
    case("to", edges(source), 6, False, False, None)
    case("to", edges(source), 7, False, False, None)
    case("to", edges(source), 15, False, False, None)
    case("to", edges(source), 5, False, False, None)
    case("to", edges(source), 11, False, False, None)
    case("to", short("a", source), short("b", torch.int16), False, False, None)
    case("type_as", short("a", source), short("b", torch.bfloat16))


with gzip.GzipFile(os.path.join(os.path.dirname(os.path.abspath(__file__)), "operations.jsonl.gz"), "wb", mtime=0) as file:
    used = json.dumps(CASES)
    vectors = {key: bits(tensor) for key, tensor in VECTORS.items() if f'"{key}"' in used}
    file.write((json.dumps({"vectors": vectors}, separators=(",", ":")) + "\n").encode())
    for entry in CASES:
        file.write((json.dumps(strict(entry), separators=(",", ":")) + "\n").encode())
print(len(CASES), "cases of", len({entry["op"] for entry in CASES}), "operations")
