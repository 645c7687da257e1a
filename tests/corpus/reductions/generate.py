"""Records the cases of this folder: prints each function of model.py as PyTorch scripts it (and, where it does, as the original fuser
rewrites it), and runs it on fixed inputs.

Run in this folder with PyTorch 1.13 (Debian 12: python3-torch): python3 generate.py. Outputs are eager float32 (out_*.npy) and the same
program on float64 inputs (ref64_*.npy); case.json names the files. Names in TRACED are traced instead: their graphs know shapes.
Where 1.13 has no float16 kernels, or is not today's PyTorch (cosine_similarity), the answer is computed in float32 and rounded, or by today's formula.
"""
import json
import os
import re
import warnings

import numpy as np
import torch

import model

warnings.filterwarnings("ignore")
torch.set_num_threads(1)
torch._C._jit_set_profiling_executor(False)
torch._C._jit_set_profiling_mode(False)
torch._C._jit_set_texpr_fuser_enabled(False)
torch._C._jit_override_can_fuse_on_cpu(True)
torch._C._jit_override_can_fuse_on_cpu_legacy(True)

TYPES = {torch.float16: "float16", torch.float32: "float32", torch.float64: "float64", torch.int64: "int64", torch.int32: "int32", torch.bool: "bool"}
TRACED = {"std_two_axes", "layer_norm_module", "min_max_scaling", "kl_divergence", "standardise_columns"}


def cosine_rows(a, b):
    return (a / a.norm(2, 1, True).clamp_min(1e-8) * (b / b.norm(2, 1, True).clamp_min(1e-8))).sum(1)


def half_statistics(x):
    return tuple(part.to(x.dtype) for part in model.half_statistics(x.float() if x.dtype == torch.float16 else x))


TODAY = {"cosine_rows": cosine_rows, "half_statistics": half_statistics}


def inputs():
    torch.manual_seed(11)
    randn, rand, randint = torch.randn, torch.rand, torch.randint
    w = [randn(n) for n in (48, 48, 12, 12)]
    return {
        "rms_norm_rows": (randn(17, 64), randn(64), 1e-6),
        "log_softmax_middle": (randn(3, 20, 18),),
        "variance_rows": (randn(31, 77) + 3,),
        "std_two_axes": (randn(5, 17, 9),),
        "cosine_rows": (randn(19, 33), randn(19, 33)),
        "cosine_by_hand": (randn(4, 7, 33), randn(7, 33)),
        "arg_extremes": (randint(-9, 9, (23, 31)).float(),),
        "max_with_indices": (randint(-20, 20, (13, 40)).float(),),
        "layer_norm_module": (randn(3, 11, 48), w[0], w[1]),
        "layer_norm_two_axes": (randn(9, 6, 8), randn(6, 8)),
        "group_norm_module": (randn(3, 12, 5, 4), w[2], w[3]),
        "batch_norm_training": (randn(16, 12, 9), w[2], w[3]),
        "batch_norm_evaluation": (randn(4, 12, 3, 5), w[2], w[3], randn(12), rand(12) + 0.1),
        "instance_norm_images": (randn(2, 3, 9, 11), randn(3), randn(3)),
        "attention_weights": (randn(2, 4, 16, 16), torch.tril(torch.ones(16, 16)), 0.25),
        "masked_softmax_empty_rows": (randn(6, 10), torch.arange(6)[:, None] + randint(0, 9, (6, 10)) > 8),
        "cross_entropy_ignoring": (randn(25, 7), randint(0, 7, (25,)), rand(7) + 0.5),
        "cross_entropy_smoothed": (randn(4, 9, 6), randint(0, 9, (4, 6))),
        "nll_images": (randn(2, 5, 6, 7), randint(0, 5, (2, 6, 7))),
        "bce_logits_weighted": (randn(30, 8) * 4, rand(30, 8), rand(8) + 1),
        "smooth_l1_mean": (randn(21, 33), randn(21, 33)),
        "mse_mean": (randn(7, 11, 13), randn(7, 11, 13)),
        "huber_sum": (randn(50, 10) * 3, randn(50, 10)),
        "kl_divergence": (randn(14, 26), randn(14, 26)),
        "logsumexp_stable": (randn(12, 50) * 60,),
        "normalise_rows": (torch.cat([randn(20, 24), torch.zeros(1, 24)]),),
        "standardise_columns": (randn(60, 19) * 5 + 2,),
        "entropy": (randn(4, 9, 15),),
        "min_max_scaling": (randn(45, 17),),
        "running_mean": (randn(6, 32),),
        "masks": (randn(9, 14), randn(9, 14)),
        "count_nonzero_rows": (randint(0, 3, (12, 22)),),
        "sum_to_size_bias": (randn(4, 12, 5),),
        "layer_norm_gradient": (randn(13, 48), randn(13, 48), w[0]),
        "softmax_gradient": (randn(5, 6, 21), torch.softmax(randn(5, 6, 21), -1)),
        "products_and_norms": (randn(11, 9),),
        "sum_between": (randn(6, 18, 7), randn(18, 7)),
        "integer_totals": (randint(-50, 50, (9, 7)), randint(0, 2, (9, 7)).bool()),
        "half_statistics": (randn(12, 40).half(),),
        "float64_norm": (randn(10, 30).double(), randn(30).double()),
        "gram_statistics": (randn(5, 8, 12),),
        "two_directions": (rand(30, 40) + 0.1,),
    }


def flat(result):
    return [item for part in result for item in flat(part)] if isinstance(result, (tuple, list)) else [result]


def widened(value):
    return value.double() if isinstance(value, torch.Tensor) and value.is_floating_point() else value


def printed(graph):
    return re.sub(r"# (/[^\n]*/)?([^/\n]+\.py:)", r"# \2", str(graph))


def fused(function, arguments):
    """As the original fuser rewrites it; None where it finds nothing to fuse or leaves something that is not printed."""
    with torch.no_grad():
        text = printed(function.graph_for(*arguments))
    return text if "prim::FusionGroup" in text and "prim::DifferentiableGraph" not in text else None


def record(name, arguments):
    os.makedirs(name, exist_ok=True)
    eager = getattr(model, name)
    function = torch.jit.trace(eager, arguments) if name in TRACED else torch.jit.script(eager)
    with open(os.path.join(name, "graph.ir"), "w") as file:
        file.write(printed(function.inlined_graph))
    rewritten = None if name in TODAY else fused(function, arguments)
    if rewritten:
        with open(os.path.join(name, "fused.ir"), "w") as file:
            file.write(rewritten)
    case = {"name": name, "inputs": [], "outputs": []}
    for i, value in enumerate(arguments):
        if isinstance(value, torch.Tensor):
            np.save(os.path.join(name, f"in_{i}.npy"), value.numpy())
            case["inputs"].append({"kind": "tensor", "file": f"in_{i}.npy", "shape": list(value.shape), "strides": list(value.stride()), "dtype": TYPES[value.dtype]})
        else:
            case["inputs"].append({"kind": type(value).__name__, "value": value})
    eager = TODAY.get(name, eager)
    results = zip(flat(eager(*arguments)), flat(eager(*map(widened, arguments))))
    for i, (answer, reference) in enumerate((e, widened(r)) for e, r in results):
        np.save(os.path.join(name, f"out_{i}.npy"), answer.numpy())
        np.save(os.path.join(name, f"ref64_{i}.npy"), reference.numpy())
        case["outputs"].append({"file": f"out_{i}.npy", "ref64": f"ref64_{i}.npy", "shape": list(answer.shape), "dtype": TYPES[answer.dtype]})
    with open(os.path.join(name, "case.json"), "w") as file:
        json.dump(case, file, indent=1)


for name, arguments in inputs().items():
    record(name, arguments)
