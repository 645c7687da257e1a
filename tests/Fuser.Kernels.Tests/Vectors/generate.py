#!/usr/bin/env python3
"""Writes Float64/NAME.npy: rows of arguments and the correctly rounded result, as float64.

Needs gmpy2 (Debian: python3-gmpy2), that is MPFR, whose functions round once; subnormal results too.
Points are drawn from the regions where a float64 algorithm can go wrong: ends of the domain, zeros of
the function, borders between cases of the lowering, subnormals, arguments next to multiples of pi/2.
The seed is fixed, so running it again writes the same files. Special operands (zeros, infinities, NaN)
are not here: the tests state them in words.

    python3 generate.py [FOLDER]
"""

import math
import random
import struct
import sys

import gmpy2
from gmpy2 import mpfr

POINTS = 2000
IEEE = gmpy2.ieee(64)
WIDE = gmpy2.context(precision=400, emin=-(1 << 20), emax=1 << 20)
rng = random.Random(20260101)


# --- drawing points ---------------------------------------------------------------------------

def bits(x):
    return struct.unpack("<q", struct.pack("<d", x))[0]


def from_bits(i):
    return struct.unpack("<d", struct.pack("<q", i))[0]


def linear(a, b):
    return lambda: rng.uniform(a, b)


def spread(a, b):
    """Uniform in the bits, that is about uniform in the logarithm; 0 < a < b."""
    return lambda: from_bits(rng.randint(bits(a), bits(b)))


def signed(draw):
    return lambda: draw() if rng.random() < 0.5 else -draw()


def around(v, steps=1000):
    """A neighbour of v, at most so many float64 values away."""
    return lambda: from_bits(bits(v) + rng.randint(-steps, steps))


def beside(v):
    """v (1 + d) with d from 2^-52 to 1/2."""
    return lambda: v * (1 + signed(spread(2.0**-52, 0.5))())


def near_multiple_of_half_pi():
    return around(rng.getrandbits(rng.randint(1, 53)) * (math.pi / 2), 3)() * 2.0 ** rng.choice([0, 0, rng.randint(0, 900)])


def positive():
    return abs(anything())


def anything():
    while True:
        x = struct.unpack("<d", rng.randbytes(8))[0]
        if math.isfinite(x) and x != 0:
            return x


def quotient_with_log(low, high, base):
    """x from base, y such that y log x is between low and high."""
    def draw():
        x = base()
        while x == 1:
            x = base()
        return x, rng.uniform(low, high) / math.log(x)
    return draw


def pair(x, y):
    return lambda: (x(), y())


def ratio(x, q):
    def draw():
        v = x()
        return v * q(), v
    return draw


SMALLEST = 5e-324
NORMAL = 2.0**-1022
LARGEST = sys.float_info.max
TINY = signed(spread(SMALLEST, 1.0))
TRIG = [linear(-0.8, 0.8), linear(-10, 10), linear(-1e5, 1e5), TINY, signed(spread(1, 2.0**31)), around(2.0**31), signed(spread(2.0**31, LARGEST)),
        signed(near_multiple_of_half_pi), lambda: float.fromhex("0x1.6ac5b262ca1ffp+849") * 2.0 ** rng.randint(-2, 2), anything]
LOG = [linear(0.5, 2), beside(1.0), around(1.0, 20), spread(SMALLEST, LARGEST), spread(SMALLEST, NORMAL), around(2**0.5), around(0.5**0.5), linear(0, 100)]
ARC = [linear(-1, 1), TINY, signed(around(0.5)), signed(lambda: 1 - spread(2.0**-53, 0.5)()), linear(-0.51, 0.51)]
HYPERBOLIC = [linear(-1, 1), linear(-25, 25), linear(-710.4, 710.4), TINY, signed(spread(0.3, 1.1)), signed(linear(17, 22.5)), around(math.log(2) / 2)]
ANY_PAIR = pair(anything, anything)
SPREAD = signed(spread(SMALLEST, LARGEST))
SMALL = signed(spread(SMALLEST, 1e-290))
LARGE = signed(spread(1e290, LARGEST))

REGIONS = {
    "exp": [linear(-0.4, 0.4), linear(-10, 10), linear(-708, 709.78), linear(-745.1, -708), TINY, around(709.782712893384), lambda: rng.randint(-1070, 1023) * math.log(2) + rng.choice([-1, 1]) * math.log(2) / 2],
    "exp2": [linear(-1, 1), linear(-10, 10), linear(-1022, 1024), linear(-1074.9, -1020), TINY, lambda: rng.randint(-1070, 1022) + 0.5 + rng.uniform(-1e-9, 1e-9), lambda: float(rng.randint(-1074, 1023))],
    "expm1": [linear(-0.4, 0.4), linear(-2, 2), linear(-50, 50), linear(-40, 709.78), TINY, signed(spread(0.3, 1.1)), around(math.log(2) / 2), around(2.0**-54)],
    "log": LOG, "log2": LOG + [lambda: 2.0 ** rng.randint(-1074, 1023)], "log10": LOG + [lambda: 10.0 ** rng.randint(0, 22)],
    "log1p": [linear(-0.5, 1), TINY, spread(1e-3, LARGEST), lambda: -1 + spread(2.0**-53, 1)(), linear(0.41, 0.42), linear(-0.3, -0.29), around(2.0**-54), linear(0, 100)],
    "sin": TRIG, "cos": TRIG, "tan": TRIG, "asin": ARC, "acos": ARC,
    "atan": [linear(-1, 1), linear(-10, 10), signed(linear(0.41, 0.42)), signed(linear(2.4, 2.43)), SPREAD, signed(spread(1e-3, 1e3)), signed(around(2.0**60))],
    "sinh": HYPERBOLIC + [linear(710.4, 710.47)], "cosh": HYPERBOLIC + [linear(710.4, 710.47)], "tanh": HYPERBOLIC,
    "asinh": [linear(-1, 1), linear(-100, 100), SPREAD, signed(spread(1e-9, 1)), around(2.0**30), around(2.0**-26), TINY],
    "acosh": [linear(1, 2), lambda: 1 + spread(2.0**-52, 1)(), linear(1, 100), spread(1, LARGEST), around(2.0**30), lambda: from_bits(bits(1.0) + rng.randint(1, 1000)), linear(2, 3)],
    "atanh": [linear(-0.999, 0.999), signed(lambda: 1 - spread(2.0**-53, 0.5)()), TINY, linear(-0.35, 0.35), linear(0.3, 0.9), around(2.0**-28)],
    "erf": [linear(-0.86, 0.86), linear(0.8, 1.1), linear(1, 3), linear(-6.2, 6.2), TINY, around(0.86), around(6.0)],
    "erfc": [linear(-0.5, 0.5), linear(0.49, 1), linear(1, 3), linear(-6.2, 6.2), linear(3, 10), linear(10, 26.5), linear(26.4, 27.2), TINY, around(0.5)],
    "sigmoid": [linear(-1, 1), linear(-10, 10), linear(-40, 40), linear(-708, 60), linear(-745.1, -708), TINY, around(-60.0)],
    "rsqrt": [linear(0.5, 4), spread(SMALLEST, LARGEST), spread(SMALLEST, NORMAL), around(1.0), positive],
    "lgamma": [linear(0.01, 1), linear(1, 3), around(1.0), around(2.0), around(2.5), around(0.5), linear(2.4, 10), linear(10, 200), spread(SMALLEST, 2.5e305), beside(1.0), beside(2.0), TINY, linear(-0.5, 0),
               linear(-2, -0.5), linear(-200, -2), lambda: -spread(1, 2.0**52)(), lambda: -rng.randint(1, 30) * (1 + signed(spread(2.0**-50, 0.5))())],
    "atan2": [pair(linear(-1, 1), linear(-1, 1)), pair(SPREAD, SPREAD), pair(SMALL, SMALL), pair(LARGE, LARGE), ratio(SPREAD, linear(0.2, 0.6)), ratio(signed(spread(1e-290, 1e290)), spread(1e-12, 1e12)),
              ratio(signed(spread(1, 1e300)), spread(1e-308, 1e-290)), pair(SMALL, signed(spread(1e-20, 1e20))), ANY_PAIR],
    "hypot": [pair(linear(-1, 1), linear(-1, 1)), pair(SPREAD, SPREAD), pair(SMALL, SMALL), pair(LARGE, LARGE), ratio(SPREAD, spread(1e-18, 1)), pair(linear(1, 2), linear(1, 2))],
    "pow": [pair(linear(0, 4), linear(-10, 10)), pair(spread(SMALLEST, LARGEST), linear(-2, 2)), quotient_with_log(-745, 709.7, spread(1e-300, 1e300)), quotient_with_log(-745, 709.7, lambda: abs(beside(1.0)())),
            quotient_with_log(-745, 709.7, linear(0.5, 2)), quotient_with_log(-5, 5, linear(0.5, 2)), quotient_with_log(-709, 709.7, linear(0.95, 1.05)), quotient_with_log(-745, -708, spread(1e-300, 1e300)),
            lambda: (-spread(1e-10, 1e10)(), float(rng.randint(-30, 30))), pair(spread(SMALLEST, NORMAL), linear(-1, 1)), quotient_with_log(-700, 700, around(1.0, 300))],
    "logaddexp": [pair(linear(-10, 10), linear(-10, 10)), pair(linear(-1000, 1000), linear(-1000, 1000)), lambda: (lambda x: (x, x + rng.uniform(-1, 1)))(rng.uniform(-100, 100)), pair(linear(-1, 0), linear(-1, 0)),
                  pair(signed(spread(1e-10, 1e3)), signed(spread(1e-10, 1e3))), lambda: (lambda p: (math.log(p), math.log1p(-p)))(rng.uniform(0.01, 0.99)),
                  pair(signed(spread(SMALLEST, 1e-20)), linear(-744, -30))],
}

# --- references -------------------------------------------------------------------------------

def wide(f):
    """A composition in 400 bits, rounded once at the end."""
    def result(*args):
        with gmpy2.local_context(WIDE):
            value = f(*args)
        return mpfr(value)
    return result


REFERENCES = {
    "exp": gmpy2.exp, "exp2": gmpy2.exp2, "expm1": gmpy2.expm1, "log": gmpy2.log, "log2": gmpy2.log2, "log10": gmpy2.log10, "log1p": gmpy2.log1p,
    "sin": gmpy2.sin, "cos": gmpy2.cos, "tan": gmpy2.tan, "asin": gmpy2.asin, "acos": gmpy2.acos, "atan": gmpy2.atan,
    "sinh": gmpy2.sinh, "cosh": gmpy2.cosh, "tanh": gmpy2.tanh, "asinh": gmpy2.asinh, "acosh": gmpy2.acosh, "atanh": gmpy2.atanh,
    "erf": gmpy2.erf, "erfc": gmpy2.erfc, "rsqrt": gmpy2.rec_sqrt, "lgamma": lambda x: gmpy2.lgamma(x)[0],
    "atan2": gmpy2.atan2, "hypot": gmpy2.hypot, "pow": lambda x, y: x**y,
    "sigmoid": wide(lambda x: 1 / (1 + gmpy2.exp(-x))),
    "logaddexp": wide(lambda x, y: max(x, y) + gmpy2.log1p(gmpy2.exp(min(x, y) - max(x, y)))),
}


def write(path, rows):
    header = "{'descr': '<f8', 'fortran_order': False, 'shape': (%d, %d), }" % (len(rows), len(rows[0]))
    header += " " * (-(len(header) + 11) % 64) + "\n"
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode())
        for row in rows:
            file.write(struct.pack("<%dd" % len(row), *row))


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else "Float64"
    gmpy2.set_context(IEEE)
    for name, regions in REGIONS.items():
        rows = []
        while len(rows) < POINTS:
            drawn = regions[len(rows) % len(regions)]()
            args = drawn if isinstance(drawn, tuple) else (drawn,)
            if all(math.isfinite(a) and a != 0 for a in args):
                rows.append((*args, float(REFERENCES[name](*map(mpfr, args)))))
        write("%s/%s.npy" % (folder, name), rows)


main()
