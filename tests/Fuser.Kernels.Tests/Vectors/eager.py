"""What the generators of recorded answers share: dtypes, and calling an operation of eager PyTorch as a graph does."""
import base64
import math

import torch

DTYPES = [torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64,
          torch.float16, torch.bfloat16, torch.float32, torch.float64]
NAMES = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "bfloat16", "float32", "float64"]
NAME = dict(zip(DTYPES, NAMES))
FLOATS = DTYPES[6:]
INTS = DTYPES[1:6]
CODES = {torch.uint8: 0, torch.int8: 1, torch.int16: 2, torch.int32: 3, torch.int64: 4, torch.float16: 5, torch.float32: 6, torch.float64: 7,
         torch.bool: 11, torch.bfloat16: 15}


def bits(tensor):
    tensor = tensor.contiguous()
    if tensor.dtype == torch.bfloat16:
        tensor = tensor.view(torch.int16)
    return base64.b64encode(tensor.numpy().tobytes()).decode()


SCHEMAS = {}


def schemas(op):
    if op not in SCHEMAS:
        SCHEMAS[op] = torch._C._jit_get_schemas_for_operator("aten::" + op)
    return SCHEMAS[op]


def fits(value, type_text):
    optional = type_text.startswith("Optional[")
    if value is None:
        return optional or type_text == "Generator"
    text = type_text[len("Optional["):-1] if optional else type_text
    if isinstance(value, torch.Tensor):
        return text == "Tensor"
    if isinstance(value, bool):
        return text in ("bool", "number")
    if isinstance(value, int):
        return text in ("int", "number")
    if isinstance(value, float):
        return text in ("float", "number")
    if isinstance(value, list):
        return text in ("List[int]", "List[SymInt]")
    return text == "str"


class NoOverload(Exception):
    pass


def call(op, args):
    for schema in schemas(op):
        parameters = schema.arguments
        if len(args) > len(parameters) or any(not p.has_default_value() for p in parameters[len(args):]):
            continue
        if not all(fits(a, str(p.type)) for a, p in zip(args, parameters)):
            continue
        positional = [a for a, p in zip(args, parameters) if not p.kwarg_only]
        named = {p.name: a for a, p in zip(args, parameters) if p.kwarg_only}
        return getattr(getattr(torch.ops.aten, op), schema.overload_name or "default")(*positional, **named)
    raise NoOverload(f"aten::{op} has no overload for {args}")


def strict(item):
    """JSON has no infinities: they are written as strings."""
    if isinstance(item, dict):
        return {key: strict(each) for key, each in item.items()}
    if isinstance(item, list):
        return [strict(each) for each in item]
    if isinstance(item, float) and not math.isfinite(item):
        return "NaN" if item != item else "Infinity" if item > 0 else "-Infinity"
    return item
