#!/usr/bin/env python3
"""Records the sums eager PyTorch makes of badly conditioned float32 arrays, and the exact ones, into sums.json beside this file.

Run with an interpreter that has torch and numpy (written for Debian's python3-torch 1.13):

    python3 generate_sums.py

The arrays are too large to be recorded: they are made again from the same counters by benchmarks/Fuser.Numerics/SumData.cs, number for number. Each entry
holds data (the kind), count, and per seed from 0 the exact sum, rounded once to float64, and eager's with one thread.
"""
import json
import math
import os

import numpy
import torch

torch.set_num_threads(1)


def random(seed, stream, count):
    """Uniform in [0, 1), 53 bits: SplitMix64 of a counter."""
    z = numpy.arange(count, dtype=numpy.uint64) + numpy.uint64((seed * 8 + stream + 1) << 40)
    with numpy.errstate(over="ignore"):
        z = z * numpy.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> numpy.uint64(30))) * numpy.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> numpy.uint64(27))) * numpy.uint64(0x94D049BB133111EB)
    return (z ^ (z >> numpy.uint64(31))).astype(numpy.uint64) >> numpy.uint64(11)


def uniform(seed, stream, count):
    return random(seed, stream, count).astype(numpy.float64) * 2.0 ** -53


def signs(seed, stream, count):
    return numpy.where(uniform(seed, stream, count) < 0.5, -1.0, 1.0)


def cancelling(seed, count):
    """Large numbers, then small ones, then the large ones again, negative and the other way round: what is left is the sum of the small ones."""
    third = count // 3
    large = (uniform(seed, 0, third) * 1e6).astype(numpy.float32)
    return numpy.concatenate([large, uniform(seed, 1, count - 2 * third).astype(numpy.float32), -large[::-1]])


DATA = {
    "positive": lambda seed, count: uniform(seed, 0, count),
    "random signs": lambda seed, count: uniform(seed, 0, count) * 2 - 1,
    "geometric sizes": lambda seed, count: numpy.ldexp((1 + uniform(seed, 0, count)) * signs(seed, 1, count), numpy.floor(uniform(seed, 2, count) * 40).astype(int) - 20),
    "rising": lambda seed, count: (numpy.arange(count) + uniform(seed, 0, count)) / count,
    "one tenth": lambda seed, count: numpy.full(count, 0.1 + seed * 0.01),
    "cancelling": cancelling,
}

entries = []
for data, make in DATA.items():
    for count, seeds in [(1000, 16), (100_003, 16), (1_000_000, 8), (10_000_000, 4)]:
        sums = []
        for seed in range(seeds):
            values = make(seed, count).astype(numpy.float32)
            sums.append({"exact": math.fsum(values.tolist()), "eager": float(torch.from_numpy(values).sum())})
        entries.append({"data": data, "count": count, "sums": sums})
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "sums.json"), "w") as file:
    file.write("[\n" + ",\n".join(json.dumps(entry) for entry in entries) + "\n]\n")
for entry in entries:
    print(entry["data"], entry["count"], math.sqrt(sum((s["eager"] - s["exact"]) ** 2 for s in entry["sums"]) / len(entry["sums"])))
