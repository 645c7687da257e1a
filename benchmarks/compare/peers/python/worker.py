"""A peer in a process of its own: one request a line on standard input, one answer a line on standard output, fields between tabs."""
import importlib
import os
import sys
import time

import numpy as np

from arrays import Arrays


class Refused(Exception):
    """The peer cannot do this; the text says why."""


def measure(call, seconds):
    """Nanoseconds a call over as many calls as fill the time, after others that warm the caches for about a quarter of it."""
    end = time.perf_counter() + seconds / 4
    warm = 0
    while warm == 0 or time.perf_counter() < end:
        call()
        warm += 1
    calls = 1
    while True:
        start = time.perf_counter()
        for _ in range(calls):
            call()
        elapsed = time.perf_counter() - start
        if elapsed >= seconds / 2 or calls >= 1 << 24:
            return elapsed / calls * 1e9, calls
        calls = max(calls + 1, min(calls * 8, int(calls * seconds / max(elapsed, 1e-7)) + 1))


class Worker:
    def __init__(self, peer):
        self.peer = peer
        self.arrays = None
        self.workload = None
        self.calls = {}

    def call(self, threads):
        """A function without arguments that runs the workload and returns its outputs."""
        self.peer.set_threads(threads)
        if threads not in self.calls:
            self.calls[threads] = self.peer.build(self.workload, self.arrays)
        return self.calls[threads]

    def hello(self):
        return [f"{name}={version}" for name, version in self.peer.versions().items()]

    def prepare(self, workload, *specs):
        self.release()
        self.workload, self.arrays = workload, Arrays(specs)
        return []

    def check(self, subject, threads, stride, path):
        call = self.call(int(threads))
        self.arrays.poison()
        results = call()
        with open(path, "wb") as file:
            for result in results:
                np.ascontiguousarray(np.asarray(result).reshape(-1)[::int(stride)]).tofile(file)
        return [self.peer.note(self.workload)]

    def time(self, subject, threads, milliseconds):
        nanoseconds, calls = measure(self.call(int(threads)), float(milliseconds) / 1000)
        return [repr(nanoseconds), str(calls)]

    def cold(self, operations, number):
        return [repr(self.peer.cold(int(operations), int(number)))]

    def release(self):
        self.calls, self.arrays = {}, None
        return []


def main():
    # Libraries print to standard output now and then; the answers get a descriptor of their own.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    worker = Worker(importlib.import_module(sys.argv[1]).Peer(sys.argv[2:]))
    for line in sys.stdin:
        name, *fields = line.rstrip("\n").split("\t")
        try:
            reply = ["ok", *getattr(worker, name)(*fields)]
        except Refused as error:
            reply = ["refused", str(error)]
        except Exception as error:  # the driver reports it with the workload; the process goes on
            reply = ["failed", f"{type(error).__name__}: {error}"]
        answers.write("\t".join(field.replace("\t", " ").replace("\n", " / ") for field in reply) + "\n")


if __name__ == "__main__":
    sys.modules["worker"] = sys.modules["__main__"]
    main()
