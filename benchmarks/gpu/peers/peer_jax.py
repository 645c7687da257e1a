"""JAX: every workload under jax.jit."""
import time

import jax

# float64 is off by default; Python's numbers do not widen float32 either way.
jax.config.update("jax_enable_x64", True)

import jax.numpy as jnp
import numpy as np
from jax.scipy.special import erf

from array_workloads import functions
from values import hashed, scaled
from worker import Refused, by_clock, chain_function

WARM_UPS = 3


class Peer:
    def __init__(self, device):
        try:
            self.device = jax.devices(device)[0]
        except RuntimeError as error:
            raise Refused(f"JAX {jax.__version__} finds no {device} device: {error}") from error
        jax.config.update("jax_default_device", self.device)
        self.functions = functions(jnp, erf)

    def versions(self):
        import jaxlib

        return {"JAX": jax.__version__, "jaxlib": jaxlib.__version__, "device": self.device.device_kind}

    def array(self, dtype, shape, low, width, number, transposed):
        count = int(np.prod(shape))
        make = jax.jit(lambda: scaled(jnp, hashed(jnp, jnp.arange(count, dtype=jnp.uint32), number), dtype, low, width).reshape(shape))
        array = make()
        self.last = array
        # JAX's arrays have no strides: the transposition is left to the compiled function.
        return (array, True) if transposed else (array, False)

    def build(self, subject, workload, inputs):
        flips = [transposed for _, transposed in inputs]
        arrays = [array for array, _ in inputs]

        def body(*values):
            values = [value.T if flip else value for value, flip in zip(values, flips)]
            if workload == "W3":
                values = [*jnp.split(values[0], 4, axis=1), values[1]]
            return self.functions[workload](*values)

        function = jax.jit(body)
        for _ in range(WARM_UPS):
            self.last = function(*arrays)
        self.wait()

        def call():
            self.last = function(*arrays)
            return self.last

        return call

    def note(self, subject, workload):
        return "by the clock, around calls that do not wait for each other"

    def timed(self, call, count):
        """Seconds, by the clock: JAX shows no events. Enough calls are under way that starting them costs nothing."""
        return by_clock(self, call, count)

    def wait(self):
        jax.block_until_ready(self.last)

    def to_host(self, array):
        return np.asarray(array)

    def cold(self, subject, operations, number):
        x, y = jnp.ones(16, jnp.float32), jnp.full(16, 0.5, jnp.float32)
        jax.block_until_ready((x, y))
        function = chain_function(operations, number, jnp.abs)
        start = time.perf_counter()
        jax.block_until_ready(jax.jit(function)(x, y))
        return (time.perf_counter() - start) * 1e3

    def free(self):
        self.last = ()
