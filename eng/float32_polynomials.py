"""Prints the float32 polynomials of src/Fuser.Kernels/Ir/Math/Float32, highest power first, as bits.

Each is a weighted minimax fit whose coefficients are rounded to float32 one by one, from the lowest power on, the rest being fitted again
after each. The error printed is the largest weighted one times 2^24. Needs mpmath, numpy and scipy.
"""
import struct

import mpmath as mp
import numpy as np
from scipy.optimize import linprog

mp.mp.prec = 120
LN2 = mp.log(2)


def single(value):
    return float(np.float32(value))


def bits(value):
    return "0x%08X" % struct.unpack("<I", struct.pack("<f", value))[0]


def minimax(matrix, target, weight):
    """Minimises max |weight * (matrix c - target)|: least squares first, then a linear program for the correction, scaled to its size."""
    a, b = matrix * weight[:, None], target * weight
    q, r = np.linalg.qr(a)
    start = q.T @ b
    start += q.T @ (b - q @ start)
    residual = b - q @ start
    size = np.abs(residual).max()
    if size == 0:
        return np.linalg.solve(r, start)
    root = np.sqrt(len(b))
    ones = np.ones((len(b), 1))
    solved = linprog(
        [0] * a.shape[1] + [1],
        A_ub=np.vstack([np.hstack([q * root, -ones]), np.hstack([-q * root, -ones])]),
        b_ub=np.concatenate([residual / size, -residual / size]),
        bounds=[(None, None)] * a.shape[1] + [(0, None)],
        method="highs",
    )
    return np.linalg.solve(r, start + solved.x[:-1] * size * root)


def fit(name, function, weight, count, low, high, points=600):
    xs = (low + high) / 2 + (high - low) / 2 * np.cos(np.pi * np.arange(points) / (points - 1))
    rest = np.array([float(function(mp.mpf(x))) for x in xs])
    weights = np.array([float(weight(mp.mpf(x))) for x in xs])
    powers = np.stack([xs**p for p in range(count)], axis=1)
    coefficients = []
    for i in range(count):
        coefficients.append(single(minimax(powers[:, i:], rest, weights)[0]))
        rest = rest - coefficients[i] * powers[:, i]
    print("%-22s %.4f  %s" % (name, np.abs(weights * rest).max() * 2**24, ", ".join(bits(c) for c in reversed(coefficients))))


def near_zero(function, limit):
    """The function away from 0, where it would divide 0 by 0, and its limit there."""
    return lambda x: function(x) if abs(x) > 1e-12 else mp.mpf(limit)


def over_root(function, limit):
    return near_zero(lambda z: function(mp.sqrt(z)) / mp.sqrt(z), limit)


expm1 = near_zero(lambda r: (mp.expm1(r) - r) / r**2, 0.5)
fit("exp", expm1, near_zero(lambda r: (3 if r < -0.25 else 1) * r * r / mp.expm1(r), 0), 5, -0.3467, 0.3467)
fit("expm1", expm1, near_zero(lambda r: r * r / mp.expm1(r), 0), 6, -0.3467, 0.3467)
high = single(LN2)
fit("exp2", near_zero(lambda r: (2**r - 1) / r - high, LN2 - high), lambda r: r / 2**r, 6, -0.5, 0.5)

tanh = over_root(mp.tanh, 1)
fit("tanh", near_zero(lambda z: (tanh(z) - 1) / z, -mp.mpf(1) / 3), lambda z: z / tanh(z), 7, 1e-9, 1)

erf = over_root(mp.erf, 2 / mp.sqrt(mp.pi))
first = single(2 / mp.sqrt(mp.pi) - 1)
fit("erf, from z on", lambda z: (erf(z) - 1 - first) / z, lambda z: z / erf(z), 5, 1e-4, 0.875**2)
print("%-22s %s" % ("erf, constant", bits(first)))
fit("erf, beyond", lambda a: -mp.log(mp.erfc(a)) / a - 1, lambda a: a * mp.erfc(a), 6, 0.87, 3.95)

cubic = near_zero(lambda f: ((mp.log1p(f) - f) / f**2 + 0.5) / f, mp.mpf(1) / 3)
fit("log, from f^3 on", cubic, near_zero(lambda f: f**3 / mp.log1p(f), 0), 8, -1 / 3 - 1e-7, 1 / 3 + 1e-7)


def logarithm(name, base, low, high):
    factor = mp.log(base)
    rounded = single(1 / factor)
    function = near_zero(lambda f: mp.log1p(f) / f / factor - rounded, 1 / factor - rounded)
    fit(name, function, near_zero(lambda f: f * factor / mp.log1p(f), factor), 10, low, high)


logarithm("log2", 2, 2**-0.5 - 1 - 1e-7, 2**0.5 - 1 + 1e-7)
logarithm("log10", 10, -0.31 - 1e-6, 0.38 + 1e-6)
