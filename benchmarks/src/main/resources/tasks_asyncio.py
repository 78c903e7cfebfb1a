"""Does with asyncio what the tasks of the experiments do: a peer, see Peer.java.

Usage: python3 tasks_asyncio.py LOOP
LOOP is "asyncio" or "uvloop". A line on standard input is the name of a work and its numbers; the answer is a line of JSON.
"""

import asyncio
import sys

from measure import FREE, HOUR, ITEMS, TASKS, Turn, context, generator, run_with_asyncio, work


async def gather(count):
    for _ in range(max(1, TASKS // count)):
        assert len(await asyncio.gather(*[work(item) for item in range(count)])) == count
    return max(1, TASKS // count) * count


async def group(count):
    for _ in range(max(1, TASKS // count)):
        async with asyncio.TaskGroup() as tasks:
            started = [tasks.create_task(work(item)) for item in range(count)]
        assert started[-1].result() == count - 1
    return max(1, TASKS // count) * count


async def sleep(count):
    await asyncio.gather(*[asyncio.sleep(1) for _ in range(count)])
    return 1


async def timeout():
    for item in range(ITEMS):
        async with asyncio.timeout(2 * HOUR):
            assert await work(item) == item
    return ITEMS


async def cancel(count):
    sleepers = [asyncio.create_task(asyncio.sleep(HOUR)) for _ in range(count)]
    await asyncio.sleep(0)
    turn = Turn()
    for sleeper in sleepers:
        sleeper.cancel()
    await asyncio.wait(sleepers)
    return turn.over(count)


async def channel(capacity):
    queue = asyncio.Queue(capacity)

    async def give():
        for item in range(ITEMS):
            await queue.put(item)

    giving = asyncio.create_task(give())
    for item in range(ITEMS):
        assert await queue.get() == item
    await giving
    return ITEMS


async def ping_pong():
    there, back = asyncio.Queue(1), asyncio.Queue(1)

    async def answer():
        for _ in range(ITEMS):
            await back.put(await there.get())

    answering = asyncio.create_task(answer())
    for item in range(ITEMS):
        await there.put(item)
        assert await back.get() == item
    await answering
    return ITEMS


async def fan_out(limit):
    permits = asyncio.Semaphore(limit)

    async def limited(item):
        async with permits:
            return await work(item)

    assert len(await asyncio.gather(*[limited(item) for item in range(ITEMS)])) == ITEMS
    return ITEMS


async def semaphore():
    permits = asyncio.Semaphore(1)
    for _ in range(FREE):
        await permits.acquire()
        permits.release()
    return FREE


WORKS = {
    "gather": gather,
    "group": group,
    "sleep": sleep,
    "timeout": timeout,
    "cancel": cancel,
    "channel": channel,
    "ping-pong": ping_pong,
    "generator": generator,
    "fan-out": fan_out,
    "semaphore": semaphore,
    "context": context,
}

run_with_asyncio(WORKS, sys.argv[1])
