"""What the Python programs of the benchmarks have in common: see Peer.java for how they are spoken to."""

import contextvars
import gc
import json
import resource
import sys
import time


HOUR = 3600
TASKS = 10_000
ITEMS = 20_000
FREE = 200_000

variable = contextvars.ContextVar("number")


async def work(item):
    return item


async def generator():
    async def items():
        for item in range(FREE):
            yield item

    total = 0
    async for item in items():
        total += item
    assert total == FREE * (FREE - 1) // 2
    return FREE


async def context():
    variable.set(1)
    total = 0
    for _ in range(FREE):
        total += variable.get()
    assert total == FREE
    return FREE


class Turn:
    """What is measured, from its making until it is over."""

    def __init__(self):
        gc.collect()
        self.cpu = time.process_time_ns()
        self.start = time.perf_counter_ns()

    def over(self, units):
        nanos = time.perf_counter_ns() - self.start
        cpu = time.process_time_ns() - self.cpu
        return {"units": units, "nanos": nanos, "cpuNanos": cpu, "peakBytes": peak_bytes()}


def peak_bytes():
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))
    except OSError:
        # Not on Linux, where this would count the parent's memory too.
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


async def serve(works, next_line):
    """For each line, the name of a work and its numbers, does the work, which returns its units or a turn that is over.
    When there are no more lines, does the work "close", if there is one."""
    while line := await next_line():
        name, *words = line.split()
        turn = Turn()
        answer = await works[name](*[int(word) if word.isdigit() else word for word in words])
        print(json.dumps(answer if isinstance(answer, dict) else turn.over(answer)), flush=True)
    if "close" in works:
        await works["close"]()


def run_with_asyncio(works, loop="asyncio"):
    import asyncio

    async def next_line():
        return await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)

    if loop == "uvloop":
        import uvloop

        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve(works, next_line))
    else:
        asyncio.run(serve(works, next_line))
