"""PyTorch: torch.compile and eager mode, over the same functions and arrays."""
import time

import torch

from torch_workloads import FUNCTIONS
from values import BLOCK, seed
from worker import Refused, by_clock, chain_function

torch.set_grad_enabled(False)

# The first call compiles, and the second finds memory that the first gave back.
WARM_UPS = 3
MASK = 0xFFFFFFFF
TYPES = {"f32": torch.float32, "f64": torch.float64, "f16": torch.float16, "u8": torch.uint8}


def hashed(index, number):
    """The 32-bit hash in 64-bit integers, which PyTorch has on every device."""
    x = (index + seed(number)) & MASK
    x = x ^ (x >> 16)
    x = (x * 0x7FEB352D) & MASK
    x = x ^ (x >> 15)
    x = (x * 0x846CA68B) & MASK
    return x ^ (x >> 16)


class Peer:
    def __init__(self, device):
        if device == "cuda" and not torch.cuda.is_available():
            raise Refused(f"PyTorch {torch.__version__} finds no CUDA device")
        self.device = device
        self.has_events = device == "cuda"

    def versions(self):
        versions = {"PyTorch": torch.__version__, "CUDA": torch.version.cuda or "none", "device": torch.cuda.get_device_name() if self.has_events else "processor"}
        try:
            import triton

            versions["Triton"] = triton.__version__
        except ImportError:
            pass
        return versions

    def array(self, dtype, shape, low, width, number, transposed):
        count = 1
        for size in shape:
            count *= size
        flat = torch.empty(count, dtype=TYPES[dtype], device=self.device)
        for start in range(0, count, BLOCK):
            part = flat[start:start + BLOCK]
            x = hashed(torch.arange(start, start + part.numel(), dtype=torch.int64, device=self.device), number)
            if dtype == "u8":
                part.copy_(x >> 24)
            else:
                bits = 11 if dtype == "f16" else 24
                part.copy_(low + width * (x >> (32 - bits)).to(torch.float64) / (1 << bits))
        array = flat.reshape(shape)
        return array.t() if transposed else array

    def compiled(self, function):
        if not hasattr(torch, "compile"):
            raise Refused(f"PyTorch {torch.__version__} has no torch.compile")
        return torch.compile(function, dynamic=False)

    def build(self, subject, workload, inputs):
        function = FUNCTIONS[workload]
        if subject == "torch-compile":
            function = self.compiled(function)
        for _ in range(WARM_UPS):
            function(*inputs)
        self.wait()
        return lambda: function(*inputs)

    def note(self, subject, workload):
        return "mode default" if subject == "torch-compile" else ""

    def timed(self, call, count):
        """Seconds, by events on the stream that the calls go to."""
        if not self.has_events:
            return by_clock(self, call, count)
        start, stop = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        start.record()
        for _ in range(count):
            call()
        stop.record()
        stop.synchronize()
        return start.elapsed_time(stop) / 1e3

    def wait(self):
        if self.has_events:
            torch.cuda.synchronize()

    def to_host(self, array):
        return array.contiguous().cpu().numpy()

    def cold(self, subject, operations, number):
        if subject == "torch-eager":
            raise Refused("nothing is compiled")
        x, y = torch.rand(16, device=self.device), torch.rand(16, device=self.device)
        function = chain_function(operations, number, torch.abs)
        self.wait()
        start = time.perf_counter()
        self.compiled(function)(x, y)
        self.wait()
        return (time.perf_counter() - start) * 1e3

    def free(self):
        if self.has_events:
            torch.cuda.empty_cache()
