"""Coefficients of vector_math.h: smallest largest relative error, found by reweighted least squares (Lawson). Needs numpy and scipy.

    python3 fit.py > coefficients.h
"""
import numpy as np
from numpy.polynomial import chebyshev as cheb
from scipy import special


def fit(value, low, high, top, bottom, scale, rounds=400):
    """Polynomials p and q in z with p(z) / q(z) = value(z), q(0) = 1, and the largest error relative to scale(z)."""
    t = np.cos(np.pi * (np.arange(4000) + 0.5) / 4000)
    z = (t + 1) / 2 * (high - low) + low
    y, s = value(z), scale(z)
    p_basis, q_basis = cheb.chebvander(t, top), cheb.chebvander(t, bottom)[:, 1:]
    weights, previous = np.ones_like(z), np.ones_like(z)
    best = None
    for _ in range(rounds):
        w = np.sqrt(weights) / s / previous
        matrix = np.hstack([p_basis, -y[:, None] * q_basis]) * w[:, None]
        solution = np.linalg.lstsq(matrix, y * w, rcond=None)[0]
        p, q = solution[:top + 1], np.concatenate([[1.0], solution[top + 1:]])
        previous = cheb.chebval(t, q)
        error = np.abs(cheb.chebval(t, p) / previous - y) / s
        if best is None or error.max() < best[0]:
            best = (error.max(), p, q)
        weights = weights * (error / error.max() + 1e-3)
        weights /= weights.sum()
    back = [np.polynomial.Chebyshev(c, domain=[low, high]).convert(kind=np.polynomial.Polynomial, domain=[-1, 1], window=[-1, 1]).coef for c in best[1:]]
    return best[0], back[0] / back[1][0], back[1] / back[1][0]


def show(name, coefficients):
    print(f"constexpr float {name}[] = {{{', '.join(f'{c:.9e}f' for c in coefficients)}}};")


def main():
    half_ln2 = np.log(2) / 2
    small = lambda z, f, g: np.where(np.abs(z) > 1e-4, f(np.where(np.abs(z) > 1e-4, z, 1)), g(z))
    exp_rest = lambda r: small(r, lambda r: (np.expm1(r) - r) / r**2, lambda r: 0.5 + r / 6)
    log_rest = lambda f: small(f, lambda f: (np.log1p(f) - f + f * f / 2) / f**3, lambda f: 1 / 3 - f / 4)
    tanh_ratio = lambda z: small(z, lambda z: np.tanh(np.sqrt(np.abs(z))) / np.sqrt(np.abs(z)), lambda z: 1 - z / 3)
    erf_ratio = lambda z: small(z, lambda z: special.erf(np.sqrt(np.abs(z))) / np.sqrt(np.abs(z)), lambda z: 2 / np.sqrt(np.pi) * (1 - z / 3))
    print("// Written by fit.py; do not edit. Coefficients from the constant one up.\n#pragma once\n")
    for name, arguments in {
        "EXP": (exp_rest, -half_ln2, half_ln2, 4, 0, lambda r: np.exp(r) / np.maximum(r * r, 1e-3)),
        "LOG": (log_rest, np.sqrt(0.5) - 1, np.sqrt(2) - 1, 8, 0, lambda f: 1 / np.maximum(f * f, 1e-3)),
        "TANH": (tanh_ratio, 0, 81, 6, 3, tanh_ratio),
        "ERF": (erf_ratio, 0, 16, 6, 4, erf_ratio),
    }.items():
        error, p, q = fit(*arguments)
        print(f"// Largest relative error of the exact polynomials: {error:.1e}")
        show(f"{name}_TOP" if len(q) > 1 else name, p)
        if len(q) > 1:
            show(f"{name}_BOTTOM", q)


if __name__ == "__main__":
    main()
