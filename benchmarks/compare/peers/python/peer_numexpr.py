"""numexpr: an interpreter over blocks that stay in the cache. One expression and one output a call."""
import time

import numexpr
import numpy as np

from worker import Refused

SIGMOID = "(1/(1+exp(-{0})))"
ROUNDS = [(1.10, -1.0, 3.0), (0.90, -0.8, 2.8), (1.05, -0.6, 2.6), (0.95, -0.4, 2.4), (1.20, -0.2, 2.2), (0.80, 0.0, 2.0)]
NAMES = {
    "W1": "axbc", "W2": "x", "W5": ["x", "mean", "rstd", "w", "b"], "W6-colsum": "x", "W6-sum": "x", "W8": "xy",
    "W9": ["p", "g", "m", "v", "lr"], "W10": ["f", "b", "alpha"], "W12": "ax",
}
REFUSALS = {
    "W4": "numexpr has no erf", "W7": "numexpr has no erf", "W7-f64": "numexpr has no erf", "W11": "numexpr has no float16",
    "W6-softmax": "numexpr reduces only what it returns", "W6-layernorm": "numexpr reduces only what it returns", "W6-rmsnorm": "numexpr reduces only what it returns",
}


def steps(workload, arrays):
    """Expressions with the output each goes to."""
    out = arrays.outputs
    if workload == "W1":
        return [("where(a*x+b > zero, a*x+b, zero)*c", out[0])]
    if workload == "W2":
        return [(f"tanh(x)*{SIGMOID.format('x')}+exp(-x*x)", out[0])]
    if workload == "W3":
        cell = f"{SIGMOID.format('f')}*c+{SIGMOID.format('i')}*tanh(g)"
        return [(cell, out[1]), (f"{SIGMOID.format('o')}*tanh(cell)", out[0])]
    if workload == "W5":
        return [("(x-mean)*rstd*w+b", out[0])]
    if workload == "W6-colsum":
        return [("sum(x, axis=0)", None)]
    if workload == "W6-sum":
        return [("sum(x)", None)]
    if workload == "W8":
        # Without names for results in an expression, a text for all rounds would double with each: one call a round.
        result = []
        for i in range(len(ROUNDS)):
            t = f"({'x' if i == 0 else 't'}*k{i}+y)"
            chosen = f"where({t} > z{i}, {t}, y)"
            low = f"where({chosen} > d{i}, {chosen}, d{i})"
            result.append((f"where({low} < c{i}, {low}, c{i})", out[0]))
        return result
    if workload == "W9":
        return [("m*k0+g*k1", out[1]), ("v*k2+g*g*k3", out[2]), ("p-lr*m2/(sqrt(v2)+k4)", out[0])]
    if workload == "W10":
        return [("b+(f-b)*(alpha*k0)+k1", out[0])]
    if workload == "W12":
        return [("where(a+x*k0 > zero, a+x*k0, zero)", out[0])]
    raise Refused(REFUSALS[workload])


def constants(workload):
    named = {"zero": np.float32(0)}
    if workload == "W8":
        for i, (k, z, c) in enumerate(ROUNDS):
            named.update({f"k{i}": np.float32(k), f"z{i}": np.float32(z), f"c{i}": np.float32(c), f"d{i}": np.float32(-c)})
    values = {"W9": (0.9, 0.1, 0.999, 0.001, 1e-8), "W10": (0.00392156862745098, 0.5), "W12": (0.5,)}.get(workload, ())
    named.update({f"k{i}": np.float32(value) for i, value in enumerate(values)})
    return named


class Peer:
    def __init__(self, arguments):
        self.notes = {}

    def versions(self):
        return {"numexpr": numexpr.__version__, "VML": str(numexpr.use_vml)}

    def set_threads(self, threads):
        numexpr.set_num_threads(threads)

    def note(self, workload):
        return self.notes.get(workload, "")

    def build(self, workload, arrays):
        todo = steps(workload, arrays)
        names = constants(workload)
        if workload == "W3":
            width = arrays.outputs[0].shape[1]
            gates = arrays.inputs[0]
            names.update({name: gates[:, k * width:(k + 1) * width] for k, name in enumerate("ifgo")})
            names.update(c=arrays.inputs[1], cell=arrays.outputs[1])
        else:
            names.update(zip(NAMES[workload], arrays.inputs))
        if workload == "W8":
            names["t"] = arrays.outputs[0]
        if workload == "W9":
            names.update(m2=arrays.outputs[1], v2=arrays.outputs[2])
        if len(todo) > 1:
            self.notes[workload] = f"{len(todo)} calls"

        def call():
            returned = [numexpr.evaluate(text, local_dict=names, global_dict={}, out=out, casting="unsafe") for text, out in todo]
            return arrays.outputs if todo[0][1] is not None else returned

        return call

    def cold(self, operations, number):
        x, y = np.random.rand(16).astype(np.float32), np.random.rand(16).astype(np.float32)
        text = "x"
        for i in range(operations):
            text = f"({text}*{number + i + 2})" if i % 3 == 0 else f"({text}+y)" if i % 3 == 1 else f"abs({text})"
        start = time.perf_counter()
        numexpr.evaluate(text, local_dict={"x": x, "y": y}, global_dict={})
        return (time.perf_counter() - start) * 1e3
