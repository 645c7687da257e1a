"""The workloads as PyTorch functions. Printed by PyTorch itself, they are the graphs that this runtime reads:

    python3 torch_workloads.py ../../graphs
"""
import os
import sys
from typing import Tuple

import torch
from torch import Tensor


def w1(a: Tensor, x: Tensor, b: Tensor, c: Tensor):
    return torch.relu(a * x + b) * c


def w2(x: Tensor):
    return torch.tanh(x) * torch.sigmoid(x) + torch.exp(-x * x)


def w3(gates: Tensor, c: Tensor) -> Tuple[Tensor, Tensor]:
    i, f, g, o = gates.chunk(4, 1)
    cell = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(cell), cell


def w4(x: Tensor):
    return 0.5 * x * (1.0 + torch.erf(x * 0.7071067811865476))


def w5(x: Tensor, mean: Tensor, rstd: Tensor, w: Tensor, b: Tensor):
    return (x - mean) * rstd * w + b


def w6_softmax(x: Tensor):
    return torch.softmax(x, -1)


def w6_layernorm(x: Tensor, w: Tensor, b: Tensor):
    return torch.layer_norm(x, [1000], w, b, 1e-5)


def w6_rmsnorm(x: Tensor, w: Tensor):
    return x * torch.rsqrt(torch.mean(x * x, [-1], True) + 1e-5) * w


def w6_colsum(x: Tensor):
    return torch.sum(x, [0])


def w6_sum(x: Tensor):
    return torch.sum(x)


def w7(s: Tensor, k: Tensor, t: Tensor, r: Tensor, v: Tensor):
    root = v * torch.sqrt(t)
    d1 = (torch.log(s / k) + (r + 0.5 * v * v) * t) / root
    d2 = d1 - root
    n1 = 0.5 * (1.0 + torch.erf(d1 * 0.7071067811865476))
    n2 = 0.5 * (1.0 + torch.erf(d2 * 0.7071067811865476))
    return s * n1 - k * torch.exp(-r * t) * n2


def w8(x: Tensor, y: Tensor):
    t = x
    t = t * 1.10; t = t + y; t = torch.where(t > -1.0, t, y); t = torch.clamp(t, -3.0, 3.0)
    t = t * 0.90; t = t + y; t = torch.where(t > -0.8, t, y); t = torch.clamp(t, -2.8, 2.8)
    t = t * 1.05; t = t + y; t = torch.where(t > -0.6, t, y); t = torch.clamp(t, -2.6, 2.6)
    t = t * 0.95; t = t + y; t = torch.where(t > -0.4, t, y); t = torch.clamp(t, -2.4, 2.4)
    t = t * 1.20; t = t + y; t = torch.where(t > -0.2, t, y); t = torch.clamp(t, -2.2, 2.2)
    t = t * 0.80; t = t + y; t = torch.where(t > 0.0, t, y); t = torch.clamp(t, -2.0, 2.0)
    return t


def w9(p: Tensor, g: Tensor, m: Tensor, v: Tensor, lr: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
    m2 = m * 0.9 + g * 0.1
    v2 = v * 0.999 + g * g * 0.001
    return p - lr * m2 / (torch.sqrt(v2) + 1e-8), m2, v2


def w10(f: Tensor, b: Tensor, alpha: Tensor):
    back = b.to(torch.float32)
    share = alpha.to(torch.float32) * 0.00392156862745098
    return (back + (f.to(torch.float32) - back) * share + 0.5).to(torch.uint8)


def w11(x: Tensor, b: Tensor):
    wide = x.to(torch.float32)
    return (torch.relu(wide * 1.5 + b.to(torch.float32)) * 0.5 + wide).to(torch.float16)


def w12(a: Tensor, x: Tensor):
    return torch.relu(a + x * 0.5)


FUNCTIONS = {
    "W1": w1, "W2": w2, "W3": w3, "W4": w4, "W5": w5,
    "W6-softmax": w6_softmax, "W6-layernorm": w6_layernorm, "W6-rmsnorm": w6_rmsnorm, "W6-colsum": w6_colsum, "W6-sum": w6_sum,
    "W7": w7, "W7-f64": w7, "W8": w8, "W9": w9, "W10": w10, "W11": w11, "W12": w12,
}


def main(folder):
    for name, function in FUNCTIONS.items():
        graph = str(torch.jit.script(function).graph)
        # Where a node comes from differs from machine to machine and means nothing here.
        lines = [line.split(" # ")[0].rstrip() for line in graph.splitlines()]
        with open(os.path.join(folder, f"{name}.ir"), "w") as file:
            file.write("\n".join(lines).rstrip() + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
