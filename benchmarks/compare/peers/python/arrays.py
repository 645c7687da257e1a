"""Inputs and outputs of a workload: the same values for every peer, in memory that is placed the same way."""
import math
import mmap

import numpy as np

TYPES = {"f32": np.float32, "f64": np.float64, "f16": np.float16, "u8": np.uint8}
MADV_HUGEPAGE = 14
BLOCK = 1 << 20


def allocate(shape, dtype):
    """Memory of its own pages, huge ones where the system has them, as all peers use."""
    count = math.prod(shape)
    size = max(1, count * np.dtype(dtype).itemsize)
    pages = mmap.mmap(-1, (size + (1 << 21) - 1) & -(1 << 21))
    pages.madvise(MADV_HUGEPAGE)
    return np.frombuffer(pages, dtype, count).reshape(shape)


def hashed(index, number):
    """A 32-bit integer hash of an element's index; `number` is the position of the input among the inputs."""
    x = index + np.uint32((number + 1) * 0x9E3779B9 & 0xFFFFFFFF)
    x ^= x >> np.uint32(16)
    x *= np.uint32(0x7FEB352D)
    x ^= x >> np.uint32(15)
    x *= np.uint32(0x846CA68B)
    x ^= x >> np.uint32(16)
    return x


def fill(array, number, low, width):
    """Values low + width * u / 2^bits: exact in float64, rounded once."""
    flat = array.reshape(-1)
    for start in range(0, flat.size, BLOCK):
        part = flat[start:start + BLOCK]
        x = hashed(np.arange(start, start + part.size, dtype=np.uint32), number)
        if array.dtype == np.uint8:
            part[:] = x >> np.uint32(24)
        elif array.dtype == np.float16:
            part[:] = low + width * (x >> np.uint32(21)).astype(np.float64) / 2048
        else:
            part[:] = low + width * (x >> np.uint32(8)).astype(np.float64) / 16777216


class Arrays:
    """The arrays of one `prepare` request, each written as KIND:TYPE:SHAPE:LOW:WIDTH."""

    def __init__(self, specs):
        self.inputs, self.outputs = [], []
        for spec in specs:
            kind, dtype, shape, low, width = spec.split(":")
            array = allocate([int(size) for size in shape.split("x")], TYPES[dtype])
            if kind == "o":
                array[...] = 0
                self.outputs.append(array)
            else:
                fill(array, len(self.inputs), float(low), float(width))
                self.inputs.append(array.T if kind == "t" else array)

    def poison(self):
        """What is left of these values after a run was not computed by it."""
        for output in self.outputs:
            output.fill(171 if output.dtype == np.uint8 else np.nan)
