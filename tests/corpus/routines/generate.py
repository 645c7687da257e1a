#!/usr/bin/env python3
"""Writes the cases beside this file: small models as torch.jit.trace prints them, with inputs, eager outputs and float64 outputs.

Run with an interpreter that has torch and numpy (written for Debian's python3-torch 1.13). The format is that of ../torchscript.
"""
import json
import math
import os
import re

import numpy
import torch
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
torch.set_num_threads(1)
torch.manual_seed(3)


def randn(*shape, scale=1.0):
    return torch.randn(*shape, dtype=torch.float64).mul(scale).float()


def tensor(values):
    return {"kind": "tensor", "shape": list(values.shape), "strides": list(values.stride()), "dtype": str(values.dtype).replace("torch.", "")}


def write(name, function, *inputs):
    folder = os.path.join(HERE, name)
    os.makedirs(folder, exist_ok=True)
    traced = torch.jit.trace(function, inputs)
    results = function(*inputs)
    wide = function(*[x.double() if x.is_floating_point() else x for x in inputs])
    results, wide = [list(r) if isinstance(r, tuple) else [r] for r in (results, wide)]
    case = {"name": name, "inputs": [], "outputs": []}
    for i, x in enumerate(inputs):
        numpy.save(os.path.join(folder, f"in_{i}.npy"), x.numpy())
        case["inputs"].append({**tensor(x), "file": f"in_{i}.npy"})
    for i, (y, z) in enumerate(zip(results, wide)):
        numpy.save(os.path.join(folder, f"out_{i}.npy"), y.numpy())
        entry = {"file": f"out_{i}.npy", "shape": list(y.shape), "dtype": str(y.dtype).replace("torch.", "")}
        numpy.save(os.path.join(folder, f"ref64_{i}.npy"), z.numpy())
        entry["ref64"] = f"ref64_{i}.npy"
        case["outputs"].append(entry)
    with open(os.path.join(folder, "graph.ir"), "w") as file:
        file.write(re.sub(r"# \S*/([^/\s]+)$", r"# \1", str(traced.inlined_graph), flags=re.M))
    with open(os.path.join(folder, "case.json"), "w") as file:
        json.dump(case, file, indent=1)


def mlp_block(x, gain, bias, w1, b1, w2, b2):
    hidden = F.gelu(F.linear(F.layer_norm(x, [48], gain, bias), w1, b1))
    return x + F.linear(hidden, w2, b2)


def small_cnn(x, k1, c1, k2, c2, weight, bias):
    x = F.max_pool2d(F.relu(F.conv2d(x, k1, c1, padding=1)), 2)
    x = F.relu(F.conv2d(x, k2, c2, stride=2, padding=1))
    x = torch.flatten(F.adaptive_avg_pool2d(x, 1), 1)
    return F.log_softmax(F.linear(x, weight, bias), dim=-1)


def residual_cnn(x, k1, mean, var, gain, bias, k2):
    y = F.silu(F.batch_norm(F.conv2d(x, k1, padding=1), mean, var, gain, bias))
    return F.avg_pool2d(F.relu(x + F.conv2d(y, k2, groups=4)), 3, stride=2, padding=1)


def attention(x, wqkv, bqkv, wo, bo):
    b, t, c = x.shape
    q, k, v = F.linear(x, wqkv, bqkv).view(b, t, 3, 4, c // 4).permute(2, 0, 3, 1, 4).unbind(0)
    weights = torch.softmax(torch.matmul(q, k.transpose(-2, -1)) / math.sqrt(c // 4), dim=-1)
    return F.linear(torch.matmul(weights, v).transpose(1, 2).reshape(b, t, c), wo, bo)


def causal_attention(q, k, v):
    scores = torch.baddbmm(torch.zeros(1, dtype=q.dtype), q, k.transpose(1, 2), alpha=0.25)
    mask = torch.ones(q.shape[1], k.shape[1], dtype=torch.bool).tril()
    return torch.bmm(torch.softmax(scores.masked_fill(~mask, -math.inf), -1), v)


def language_model(tokens, embedding, positions, w, b):
    x = F.embedding(tokens, embedding) + positions[torch.arange(tokens.shape[1])]
    x = torch.tanh(F.linear(x, w, b))
    return torch.matmul(x, embedding.t())


def einsum_attention(q, k, v):
    weights = torch.softmax(torch.einsum("bqhd,bkhd->bhqk", q, k) * 0.5, dim=-1)
    return torch.einsum("bhqk,bkhd->bqhd", weights, v)


def gathered_loss(logits, targets, weights):
    picked = torch.gather(torch.log_softmax(logits, 1), 1, targets.unsqueeze(1)).squeeze(1)
    return -(picked * weights.index_select(0, targets)).mean(), F.one_hot(targets, 7).sum(0)


def upsampler(x, k, c):
    return torch.sigmoid(F.conv_transpose2d(F.pad(x, [1, 0, 0, 1]), k, c, stride=2, padding=1))


write("mlp_block", mlp_block, randn(10, 48), randn(48), randn(48), randn(96, 48, scale=0.2), randn(96), randn(48, 96, scale=0.2), randn(48))
write("small_cnn", small_cnn, randn(2, 3, 16, 14), randn(8, 3, 3, 3, scale=0.3), randn(8), randn(12, 8, 3, 3, scale=0.2), randn(12), randn(5, 12), randn(5))
write("residual_cnn", residual_cnn, randn(2, 8, 9, 7), randn(8, 8, 3, 3, scale=0.2), randn(8, scale=0.1), randn(8).abs() + 0.5, randn(8), randn(8), randn(8, 2, 1, 1))
write("attention", attention, randn(2, 9, 16), randn(48, 16, scale=0.3), randn(48), randn(16, 16, scale=0.3), randn(16))
write("causal_attention", causal_attention, randn(3, 11, 16), randn(3, 11, 16), randn(3, 11, 8))
write("language_model", language_model, torch.randint(0, 20, (3, 6)), randn(20, 12), randn(8, 12), randn(12, 12, scale=0.3), randn(12))
write("einsum_attention", einsum_attention, randn(2, 5, 3, 4), randn(2, 7, 3, 4), randn(2, 7, 3, 6))
write("gathered_loss", gathered_loss, randn(9, 7), torch.randint(0, 7, (9,)), randn(7).abs())
write("upsampler", upsampler, randn(2, 3, 5, 4), randn(3, 2, 4, 4, scale=0.4), randn(2))
