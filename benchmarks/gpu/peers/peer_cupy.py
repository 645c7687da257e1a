"""CuPy, with cupy.fuse where it fuses. On a processor NumPy takes its place, so that the way can be tried without a device."""
import time

from array_workloads import functions
from values import BLOCK, hashed, scaled
from worker import Refused, by_clock, chain_function

WARM_UPS = 3
TYPES = {"f32": "float32", "f64": "float64", "f16": "float16", "u8": "uint8"}


class Peer:
    def __init__(self, device):
        self.has_events = device == "cuda"
        if self.has_events:
            import cupy
            from cupyx.scipy.special import erf

            try:
                count = cupy.cuda.runtime.getDeviceCount()
            except cupy.cuda.runtime.CUDARuntimeError as error:
                raise Refused(f"CuPy {cupy.__version__} finds no device: {error}") from error
            if count == 0:
                raise Refused(f"CuPy {cupy.__version__} finds no device")
            self.xp, self.fuse = cupy, cupy.fuse()
        else:
            import math

            import numpy

            slow = numpy.vectorize(math.erf, otypes=[numpy.float64])
            self.xp, self.fuse, erf = numpy, None, lambda x: slow(x).astype(x.dtype)
        self.functions = functions(self.xp, erf)
        self.notes = {}

    def versions(self):
        if not self.has_events:
            return {"NumPy in CuPy's place": self.xp.__version__, "device": "processor"}
        properties = self.xp.cuda.runtime.getDeviceProperties(0)
        return {"CuPy": self.xp.__version__, "CUDA": str(self.xp.cuda.runtime.runtimeGetVersion()), "device": properties["name"].decode()}

    def array(self, dtype, shape, low, width, number, transposed):
        xp = self.xp
        array = xp.empty(shape, TYPES[dtype])
        flat = array.reshape(-1)
        for start in range(0, flat.size, BLOCK):
            part = flat[start:start + BLOCK]
            part[...] = scaled(xp, hashed(xp, xp.arange(start, start + part.size, dtype=xp.uint32), number), dtype, low, width)
        return array.T if transposed else array

    def build(self, subject, workload, inputs):
        values = [*self.xp.split(inputs[0], 4, axis=1), inputs[1]] if workload == "W3" else inputs
        function = self.functions[workload]
        note = "not fused: a reduction" if workload.startswith("W6") else "no cupy.fuse" if self.fuse is None else "one kernel by cupy.fuse"
        if self.fuse is not None and not workload.startswith("W6"):
            try:
                fused = self.fuse(function)
                fused(*values)
                function = fused
            except Exception as error:  # what it cannot fuse it says in many ways; an operation at a time is left
                note = f"cupy.fuse failed with {type(error).__name__}: {error}"
        for _ in range(WARM_UPS):
            function(*values)
        self.wait()
        self.notes[workload] = note
        return lambda: function(*values)

    def note(self, subject, workload):
        return self.notes[workload]

    def timed(self, call, count):
        """Seconds, by events on the stream that the calls go to."""
        if not self.has_events:
            return by_clock(self, call, count)
        start, stop = self.xp.cuda.Event(), self.xp.cuda.Event()
        start.record()
        for _ in range(count):
            call()
        stop.record()
        stop.synchronize()
        return self.xp.cuda.get_elapsed_time(start, stop) / 1e3

    def wait(self):
        if self.has_events:
            self.xp.cuda.Device().synchronize()

    def to_host(self, array):
        return self.xp.asnumpy(array) if self.has_events else self.xp.ascontiguousarray(array)

    def cold(self, subject, operations, number):
        if self.fuse is None:
            raise Refused("nothing is compiled")
        x, y = self.xp.ones(16, "float32"), self.xp.full(16, 0.5, "float32")
        function = chain_function(operations, number, self.xp.abs)
        self.wait()
        start = time.perf_counter()
        self.fuse(function)(x, y)
        self.wait()
        return (time.perf_counter() - start) * 1e3

    def free(self):
        if self.has_events:
            self.xp.get_default_memory_pool().free_all_blocks()
