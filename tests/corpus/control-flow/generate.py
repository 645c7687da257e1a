"""Records the cases of this folder: prints each function of model.py as PyTorch scripts it, and runs it on fixed inputs.

Run in this folder with PyTorch 1.13 (Debian 12: python3-torch): python3 generate.py. Outputs are eager float32 (out_*.npy) and the same
program on float64 inputs (ref64_*.npy); case.json names the files.
"""
import json
import os
import re

import numpy as np
import torch

import model

TYPES = {torch.float16: "float16", torch.float32: "float32", torch.float64: "float64", torch.int64: "int64", torch.bool: "bool"}


def uniform(*shape):
    return torch.rand(*shape) * 0.8 + 0.1


def inputs():
    torch.manual_seed(5)
    return {
        "mandelbrot": (torch.linspace(-2, 0.6, 97).repeat(3), torch.linspace(-1.1, 1.2, 291), 40),
        "newton_while": (uniform(1001) * 4 + 0.5, 1e-3),
        "diagonal_rnn": (uniform(17, 33), uniform(33), uniform(33), uniform(33)),
        "gated_tuple": (torch.randn(9, 12), torch.randn(9, 48)),
        "branch_on_bool": (torch.randn(5, 7), torch.randn(7), True, 0.25),
        "early_return": (torch.randn(64), 3),
        "nested_three": (torch.randn(40), 6),
        "break_continue": (uniform(20) + 1, 50.0),
        "growing_cat": (torch.randn(3, 5), 6),
        "horner": (torch.randn(100), 0.5, -1.25, 2.0, 3.5),
        "collatz_scale": (torch.randn(10), 27),
        "adaptive_ode": (uniform(50) + 1, 1.3),
        "optional_state": (torch.randn(31), 4),
        "checked_add": (torch.randn(4, 6), torch.randn(6)),
        "adam_loop": (torch.randn(128), torch.randn(128), 10),
        "smooth_series": (torch.randn(25, 8), 0.3),
        "half_loop": (torch.randn(60).half(), 5),
        "trip_from_tensor": (torch.randn(20), torch.tensor(6)),
        "dtype_branch": (torch.arange(6), torch.randn(6)),
        "list_algebra": (torch.randn(10), 7),
        "work_queue": (torch.rand(5) + 0.2, 3.0),
        "sign_search": (torch.tensor([1.5, 0.5, 2.0, 1.0]), 0.0, 4.0),
        "rows_and_columns": (torch.randn(3, 4),),
        "unrolled_logistic": (uniform(200),),
        "long_constant_loop": (torch.randn(300), torch.randn(300)),
        "reverse_scan": (torch.randn(6, 11),),
        "integer_steps": (torch.randint(-1000, 1000, (50,)), 7),
        "power_iteration": (uniform(16, 16), 1e-3),
        "descend_until": (torch.randn(40), torch.randn(40), 0.3),
        "softmax_steps": (torch.randn(6, 9), 4),
        "any_overflow": (torch.randn(30) * 1e20, 1e19),
    }


def flat(result):
    return [item for part in result for item in flat(part)] if isinstance(result, (tuple, list)) else [result]


def as_tensor(value):
    return value if isinstance(value, torch.Tensor) else torch.tensor(value, dtype=torch.float64 if isinstance(value, float) else None)


def widened(value):
    return value.double() if isinstance(value, torch.Tensor) and value.is_floating_point() else value


def record(name, arguments):
    os.makedirs(name, exist_ok=True)
    function = torch.jit.script(getattr(model, name))
    with open(os.path.join(name, "graph.ir"), "w") as file:
        file.write(re.sub(r"# (/[^\n]*/)?([^/\n]+\.py:)", r"# \2", str(function.inlined_graph)))
    case = {"name": name, "inputs": [], "outputs": []}
    for i, value in enumerate(arguments):
        if isinstance(value, torch.Tensor):
            np.save(os.path.join(name, f"in_{i}.npy"), value.numpy())
            case["inputs"].append({"kind": "tensor", "file": f"in_{i}.npy", "shape": list(value.shape), "strides": list(value.stride()), "dtype": TYPES[value.dtype]})
        else:
            case["inputs"].append({"kind": type(value).__name__, "value": value})
    results = zip(flat(function(*arguments)), flat(function(*map(widened, arguments))))
    for i, (eager, reference) in enumerate((as_tensor(e), widened(as_tensor(r))) for e, r in results):
        np.save(os.path.join(name, f"out_{i}.npy"), eager.numpy())
        np.save(os.path.join(name, f"ref64_{i}.npy"), reference.numpy())
        case["outputs"].append({"file": f"out_{i}.npy", "ref64": f"ref64_{i}.npy", "shape": list(eager.shape), "dtype": TYPES[eager.dtype]})
    with open(os.path.join(name, "case.json"), "w") as file:
        json.dump(case, file, indent=1)


for name, arguments in inputs().items():
    record(name, arguments)
