"""A peer in a process of its own: one request a line on standard input, one answer a line on standard output, fields between tabs.

    python3 worker.py MODULE cuda|cpu
"""
import importlib
import os
import sys
import time


class Refused(Exception):
    """The peer cannot do this; the text says why."""


def measure(timed, seconds):
    """Nanoseconds a call over as many calls as fill the time. `timed` makes so many calls and says how many seconds they took."""
    timed(2)
    calls = 1
    while True:
        elapsed = timed(calls)
        if elapsed >= seconds / 2 or calls >= 1 << 24:
            return elapsed / calls * 1e9, calls
        calls = max(calls + 1, min(calls * 8, int(calls * seconds / max(elapsed, 1e-7)) + 1))


def by_clock(peer, call, count):
    """Seconds for so many calls, until the device has done the last."""
    peer.wait()
    start = time.perf_counter()
    for _ in range(count):
        call()
    peer.wait()
    return time.perf_counter() - start


class Worker:
    """What every peer does alike. A peer has `versions`, `array`, `build`, `timed`, `wait`, `to_host`, `note` and `cold`."""

    def __init__(self, peer):
        self.peer = peer
        self.release()

    def hello(self):
        return [f"{name}={version}" for name, version in self.peer.versions().items()]

    def prepare(self, workload, *specs):
        self.release()
        self.workload = workload
        for spec in specs:
            kind, dtype, shape, low, width = spec.split(":")
            if kind != "o":
                shape = [int(size) for size in shape.split("x")]
                self.inputs.append(self.peer.array(dtype, shape, float(low), float(width), len(self.inputs), kind == "t"))
        self.peer.wait()
        return []

    def call(self, subject):
        """A function without arguments that starts the workload and returns its outputs."""
        if subject not in self.calls:
            self.calls[subject] = self.peer.build(subject, self.workload, self.inputs)
        return self.calls[subject]

    def check(self, subject, stride, path):
        call = self.call(subject)
        results = call()
        with open(path, "wb") as file:
            for result in results if isinstance(results, (tuple, list)) else [results]:
                self.peer.to_host(result.reshape(-1)[::int(stride)]).tofile(file)
        return [self.peer.note(subject, self.workload)]

    def time(self, subject, milliseconds):
        """One call after the other, without waiting in between."""
        call = self.call(subject)
        nanoseconds, calls = measure(lambda count: self.peer.timed(call, count), float(milliseconds) / 1000)
        return [repr(nanoseconds), str(calls)]

    def latency(self, subject, milliseconds):
        """Every call waited for before the next."""
        call = self.call(subject)
        nanoseconds, calls = measure(lambda count: sum(by_clock(self.peer, call, 1) for _ in range(count)), float(milliseconds) / 1000)
        return [repr(nanoseconds), str(calls)]

    def cold(self, subject, operations, number):
        return [repr(self.peer.cold(subject, int(operations), int(number)))]

    def release(self):
        self.inputs, self.calls, self.workload = [], {}, None
        self.peer.free()
        return []


def chain(operations, number):
    """The text of a function of so many cheap operations over x and y; another number gives one that was never seen."""
    lines = ["def f(x, y):", "    v = x"]
    for i in range(operations):
        lines.append(["    v = v * {0!r}", "    v = v + y", "    v = abs(v)"][i % 3].format(number + i + 1.5))
    return "\n".join([*lines, "    return v"]) + "\n"


def chain_function(operations, number, absolute):
    """The function, with the library's absolute value."""
    scope = {"abs": absolute}
    exec(compile(chain(operations, number), "chain", "exec"), scope)
    return scope["f"]


def main():
    # Libraries print to standard output now and then; the answers get a descriptor of their own.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    worker, problem = None, None
    try:
        worker = Worker(importlib.import_module(sys.argv[1]).Peer(sys.argv[2]))
    except ImportError as error:
        problem = f"{error.name or 'a module'} is not installed for {sys.executable}: {error}"
    except Refused as error:
        problem = str(error)
    except Exception as error:  # a broken installation is a reason like any other
        problem = f"{type(error).__name__}: {error}"
    for line in sys.stdin:
        name, *fields = line.rstrip("\n").split("\t")
        try:
            if worker is None:
                raise Refused(problem)
            reply = ["ok", *getattr(worker, name)(*fields)]
        except Refused as error:
            reply = ["refused", str(error)]
        except Exception as error:  # the driver reports it with the workload; the process goes on
            reply = ["failed", f"{type(error).__name__}: {error}"]
        if reply[0] == "failed" and worker is not None:
            worker.peer.free()  # where there was no memory, others need what was cached on the way
        answers.write("\t".join(field[:2000].replace("\t", " ").replace("\r", " ").replace("\n", " / ") for field in reply) + "\n")


if __name__ == "__main__":
    sys.modules["worker"] = sys.modules["__main__"]
    main()
