"""PyTorch, eager and with the original fuser. Both run the same functions; the original one as scripts."""
import time

import torch

from torch_workloads import FUNCTIONS
from worker import Refused

torch.set_grad_enabled(False)

# The second call is compiled, and the third finds memory that the others gave back.
WARM_UPS = 3

STEPS = ["t = t * {0}", "t = t + y * {0}", "t = torch.relu(t) + {0}", "t = torch.clamp(t, -{0}, 3.0)", "t = (t - x) * {0}", "t = torch.abs(t) + {0}"]


def script_of(operations, number):
    """The text of a function of about so many cheap operations; another number gives another kernel."""
    lines = ["def f(x: Tensor, y: Tensor):", "    t = x"]
    done = step = 0
    while done < operations:
        line = STEPS[step % len(STEPS)].format(f"{0.5 + 0.001 * number + 0.1 * step:.4f}")
        done += 1 if step % len(STEPS) in (0, 3) else 2
        step += 1
        lines.append("    " + line)
    return "\n".join([*lines, "    return t"]) + "\n"


class Peer:
    def __init__(self, arguments):
        self.fuses = arguments == ["original"]
        self.notes = {}
        torch._C._jit_set_profiling_executor(False)
        torch._C._jit_set_profiling_mode(False)
        torch._C._jit_set_texpr_fuser_enabled(False)
        torch._C._jit_override_can_fuse_on_cpu(self.fuses)
        torch._C._jit_override_can_fuse_on_cpu_legacy(self.fuses)

    def versions(self):
        return {"PyTorch": torch.__version__, "vector instructions": capability()}

    def set_threads(self, threads):
        torch.set_num_threads(threads)

    def note(self, workload):
        return self.notes.get(workload, "")

    def build(self, workload, arrays):
        function = FUNCTIONS[workload]
        inputs = [torch.from_numpy(array) for array in arrays.inputs]
        if self.fuses:
            function = torch.jit.script(function)
        for _ in range(WARM_UPS):
            function(*inputs)
        if self.fuses:
            graph = str(function.graph_for(*inputs))
            groups = graph.count("= prim::FusionGroup_")
            rest = graph.split("with prim::FusionGroup")[0].count("aten::")
            self.notes[workload] = f"{groups} fused kernels, {rest} operations outside them"

        def call():
            results = function(*inputs)
            return results if isinstance(results, tuple) else (results,)

        return call

    def cold(self, operations, number):
        if not self.fuses:
            raise Refused("nothing is compiled")
        x, y = torch.rand(16), torch.rand(16)
        start = time.perf_counter()
        torch.jit.CompilationUnit(script_of(operations, number)).f(x, y)
        return (time.perf_counter() - start) * 1e3


def capability():
    lines = [line for line in torch.__config__.show().splitlines() if "CPU capability" in line]
    return lines[0].split(":")[-1].strip() if lines else "unknown"
