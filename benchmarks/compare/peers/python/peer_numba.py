"""numba: loops as one would write them, compiled with parallel=True."""
import math
import time

import numba
import numpy as np
from llvmlite.binding import llvm_version_info
from numba import njit, prange

from worker import Refused

EXACT = njit(inline="always")
f32 = np.float32


def scalar_functions(real):
    """The formulas for one element, with constants of the elements' type so that nothing is computed in a wider one."""
    zero, one, half, root_half = real(0), real(1), real(0.5), real(0.7071067811865476)

    @EXACT
    def sigmoid(x):
        return one / (one + math.exp(-x))

    @EXACT
    def relu(x):
        return x if x > zero else zero

    @EXACT
    def normal(d):
        return half * (one + math.erf(d * root_half))

    return sigmoid, relu, normal, half, one, root_half


sigmoid, relu, normal, half, one, root_half = scalar_functions(np.float32)
_, _, normal64, half64, _, _ = scalar_functions(np.float64)


@njit(parallel=True)
def w1(a, x, b, c, y):
    for i in prange(y.size):
        y[i] = relu(a[i] * x[i] + b[i]) * c[i]


@njit(parallel=True)
def w2(x, y):
    for i in prange(y.size):
        v = x[i]
        y[i] = math.tanh(v) * sigmoid(v) + math.exp(-v * v)


@njit(parallel=True)
def w3(gates, c, h, cell):
    width = c.shape[1]
    for r in prange(c.shape[0]):
        for j in range(width):
            new = sigmoid(gates[r, width + j]) * c[r, j] + sigmoid(gates[r, j]) * math.tanh(gates[r, 2 * width + j])
            cell[r, j] = new
            h[r, j] = sigmoid(gates[r, 3 * width + j]) * math.tanh(new)


@njit(parallel=True)
def w4(x, y):
    for i in prange(y.size):
        y[i] = half * x[i] * (one + math.erf(x[i] * root_half))


@njit(parallel=True)
def w5(x, mean, rstd, w, b, y):
    for r in prange(x.shape[0]):
        m, s = mean[r, 0], rstd[r, 0]
        for j in range(x.shape[1]):
            y[r, j] = (x[r, j] - m) * s * w[j] + b[j]


@njit(parallel=True)
def w6_softmax(x, y):
    for r in prange(x.shape[0]):
        most = x[r, 0]
        for j in range(x.shape[1]):
            most = max(most, x[r, j])
        total = f32(0)
        for j in range(x.shape[1]):
            e = math.exp(x[r, j] - most)
            y[r, j] = e
            total += e
        total = one / total
        for j in range(x.shape[1]):
            y[r, j] *= total


@njit(parallel=True)
def w6_layernorm(x, w, b, y):
    size = f32(x.shape[1])
    for r in prange(x.shape[0]):
        total = f32(0)
        for j in range(x.shape[1]):
            total += x[r, j]
        mean = total / size
        total = f32(0)
        for j in range(x.shape[1]):
            d = x[r, j] - mean
            total += d * d
        scale = one / math.sqrt(total / size + f32(1e-5))
        for j in range(x.shape[1]):
            y[r, j] = (x[r, j] - mean) * scale * w[j] + b[j]


@njit(parallel=True)
def w6_rmsnorm(x, w, y):
    size = f32(x.shape[1])
    for r in prange(x.shape[0]):
        total = f32(0)
        for j in range(x.shape[1]):
            total += x[r, j] * x[r, j]
        scale = one / math.sqrt(total / size + f32(1e-5))
        for j in range(x.shape[1]):
            y[r, j] = x[r, j] * scale * w[j]


@njit(parallel=True)
def w6_colsum(x, y):
    parts = numba.get_num_threads()
    sums = np.zeros((parts, x.shape[1]), np.float32)
    for p in prange(parts):
        for r in range(x.shape[0] * p // parts, x.shape[0] * (p + 1) // parts):
            for j in range(x.shape[1]):
                sums[p, j] += x[r, j]
    for j in range(x.shape[1]):
        total = f32(0)
        for p in range(parts):
            total += sums[p, j]
        y[j] = total


@njit(parallel=True, fastmath={"reassoc"})
def w6_sum(x, y):
    total = f32(0)
    for i in prange(x.size):
        total += x[i]
    y[0] = total


@njit(parallel=True)
def w7(s, k, t, r, v, y):
    for i in prange(y.size):
        root = v[i] * math.sqrt(t[i])
        d1 = (math.log(s[i] / k[i]) + (r[i] + half * v[i] * v[i]) * t[i]) / root
        y[i] = s[i] * normal(d1) - k[i] * math.exp(-r[i] * t[i]) * normal(d1 - root)


@njit(parallel=True)
def w7_f64(s, k, t, r, v, y):
    for i in prange(y.size):
        root = v[i] * math.sqrt(t[i])
        d1 = (math.log(s[i] / k[i]) + (r[i] + half64 * v[i] * v[i]) * t[i]) / root
        y[i] = s[i] * normal64(d1) - k[i] * math.exp(-r[i] * t[i]) * normal64(d1 - root)


@EXACT
def step(t, y, factor, least, bound):
    t = t * factor + y
    t = t if t > least else y
    t = t if t > -bound else -bound
    return t if t < bound else bound


@njit(parallel=True)
def w8(x, y, z):
    for i in prange(z.size):
        t = step(x[i], y[i], f32(1.10), f32(-1.0), f32(3.0))
        t = step(t, y[i], f32(0.90), f32(-0.8), f32(2.8))
        t = step(t, y[i], f32(1.05), f32(-0.6), f32(2.6))
        t = step(t, y[i], f32(0.95), f32(-0.4), f32(2.4))
        t = step(t, y[i], f32(1.20), f32(-0.2), f32(2.2))
        z[i] = step(t, y[i], f32(0.80), f32(0.0), f32(2.0))


@njit(parallel=True)
def w9(p, g, m, v, lr, p2, m2, v2):
    for i in prange(p2.size):
        new_m = m[i] * f32(0.9) + g[i] * f32(0.1)
        new_v = v[i] * f32(0.999) + g[i] * g[i] * f32(0.001)
        m2[i] = new_m
        v2[i] = new_v
        p2[i] = p[i] - lr[i] * new_m / (math.sqrt(new_v) + f32(1e-8))


@njit(parallel=True)
def w10(f, b, alpha, y):
    for i in prange(y.size):
        back = f32(b[i])
        y[i] = np.uint8(back + (f32(f[i]) - back) * (f32(alpha[i]) * f32(0.00392156862745098)) + half)


@njit(parallel=True)
def w12(a, x, y):
    for r in prange(a.shape[0]):
        for j in range(a.shape[1]):
            y[r, j] = relu(a[r, j] + x[r, j] * half)


LOOPS = {
    "W1": w1, "W2": w2, "W3": w3, "W4": w4, "W5": w5, "W6-softmax": w6_softmax, "W6-layernorm": w6_layernorm, "W6-rmsnorm": w6_rmsnorm,
    "W6-colsum": w6_colsum, "W6-sum": w6_sum, "W7": w7, "W7-f64": w7_f64, "W8": w8, "W9": w9, "W10": w10, "W12": w12,
}


class Peer:
    def __init__(self, arguments):
        self.layer = None

    def versions(self):
        return {"numba": numba.__version__, "LLVM": ".".join(map(str, llvm_version_info))}

    def set_threads(self, threads):
        numba.set_num_threads(threads)

    def note(self, workload):
        return f"threads: {numba.threading_layer()}"

    def build(self, workload, arrays):
        if workload == "W11":
            raise Refused("numba has no float16 on the processor")
        loop, arguments = LOOPS[workload], [*arrays.inputs, *arrays.outputs]
        loop(*arguments)

        def call():
            loop(*arguments)
            return arrays.outputs

        return call

    def cold(self, operations, number):
        forms = ["t = t * c{0}", "t = t + v", "t = abs(t)"]
        lines = ["def kernel(x, y, out):", "    for i in prange(out.size):", "        t = x[i]; v = y[i]"]
        lines += ["        " + forms[i % 3].format(i) for i in range(operations)]
        names = {"prange": prange, **{f"c{i}": f32(number + i + 2) for i in range(operations)}}
        x, y, out = (np.random.rand(16).astype(np.float32) for _ in range(3))
        text = "\n".join([*lines, "        out[i] = t"])
        start = time.perf_counter()
        exec(text, names)
        njit(parallel=True)(names["kernel"])(x, y, out)
        return (time.perf_counter() - start) * 1e3

