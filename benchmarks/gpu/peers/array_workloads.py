"""The workloads over a module with NumPy's interface: JAX's, CuPy's, or NumPy itself."""


def functions(xp, erf):
    def sigmoid(x):
        return 1 / (1 + xp.exp(-x))

    def normal(d):
        return 0.5 * (1 + erf(d * 0.7071067811865476))

    def w1(a, x, b, c):
        return xp.maximum(a * x + b, 0) * c

    def w2(x):
        return xp.tanh(x) * sigmoid(x) + xp.exp(-x * x)

    def w3(i, f, g, o, c):
        cell = sigmoid(f) * c + sigmoid(i) * xp.tanh(g)
        return sigmoid(o) * xp.tanh(cell), cell

    def w4(x):
        return 0.5 * x * (1 + erf(x * 0.7071067811865476))

    def w5(x, mean, rstd, w, b):
        return (x - mean) * rstd * w + b

    def softmax(x):
        powers = xp.exp(x - xp.max(x, axis=1, keepdims=True))
        return powers / xp.sum(powers, axis=1, keepdims=True)

    def layernorm(x, w, b):
        mean = xp.mean(x, axis=1, keepdims=True)
        centred = x - mean
        return centred / xp.sqrt(xp.mean(centred * centred, axis=1, keepdims=True) + 1e-5) * w + b

    def rmsnorm(x, w):
        return x / xp.sqrt(xp.mean(x * x, axis=1, keepdims=True) + 1e-5) * w

    def w7(s, k, t, r, v):
        root = v * xp.sqrt(t)
        d = (xp.log(s / k) + (r + 0.5 * v * v) * t) / root
        return s * normal(d) - k * xp.exp(-r * t) * normal(d - root)

    def w8(x, y):
        t = x
        for factor, least, limit in [(1.10, -1.0, 3.0), (0.90, -0.8, 2.8), (1.05, -0.6, 2.6), (0.95, -0.4, 2.4), (1.20, -0.2, 2.2), (0.80, 0.0, 2.0)]:
            t = t * factor + y
            t = xp.where(t > least, t, y)
            t = xp.minimum(xp.maximum(t, -limit), limit)
        return t

    def w9(p, g, m, v, lr):
        m2 = m * 0.9 + g * 0.1
        v2 = v * 0.999 + g * g * 0.001
        return p - lr * m2 / (xp.sqrt(v2) + 1e-8), m2, v2

    def w10(f, b, alpha):
        back = b.astype(xp.float32)
        return (back + (f.astype(xp.float32) - back) * (alpha.astype(xp.float32) * 0.00392156862745098) + 0.5).astype(xp.uint8)

    def w11(x, b):
        wide = x.astype(xp.float32)
        return (xp.maximum(wide * 1.5 + b.astype(xp.float32), 0) * 0.5 + wide).astype(xp.float16)

    def w12(a, x):
        return xp.maximum(a + x * 0.5, 0)

    return {
        "W1": w1, "W2": w2, "W3": w3, "W4": w4, "W5": w5,
        "W6-softmax": softmax, "W6-layernorm": layernorm, "W6-rmsnorm": rmsnorm,
        "W6-colsum": lambda x: xp.sum(x, axis=0), "W6-sum": lambda x: xp.sum(x),
        "W7": w7, "W7-f64": w7, "W8": w8, "W9": w9, "W10": w10, "W11": w11, "W12": w12,
    }
