"""Does with trio what the tasks of the experiments do: a peer, see Peer.java.

A line on standard input is the name of a work and its numbers; the answer is a line of JSON.
"""

import sys

import trio

from measure import FREE, HOUR, ITEMS, TASKS, Turn, context, generator, serve, work


async def gather(count):
    for _ in range(max(1, TASKS // count)):
        results = [None] * count

        async def work(item):
            results[item] = item

        async with trio.open_nursery() as nursery:
            for item in range(count):
                nursery.start_soon(work, item)
        assert results[-1] == count - 1
    return max(1, TASKS // count) * count


async def sleep(count):
    async with trio.open_nursery() as nursery:
        for _ in range(count):
            nursery.start_soon(trio.sleep, 1)
    return 1


async def timeout():
    for item in range(ITEMS):
        with trio.fail_after(2 * HOUR):
            assert await work(item) == item
    return ITEMS


async def cancel(count):
    async with trio.open_nursery() as nursery:
        for _ in range(count):
            nursery.start_soon(trio.sleep, HOUR)
        await trio.sleep(0.01)
        turn = Turn()
        nursery.cancel_scope.cancel()
    return turn.over(count)


async def channel(capacity):
    sending, receiving = trio.open_memory_channel(capacity)

    async def give():
        for item in range(ITEMS):
            await sending.send(item)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(give)
        for item in range(ITEMS):
            assert await receiving.receive() == item
    return ITEMS


async def ping_pong():
    there, pinged = trio.open_memory_channel(0)
    back, ponged = trio.open_memory_channel(0)

    async def answer():
        for _ in range(ITEMS):
            await back.send(await pinged.receive())

    async with trio.open_nursery() as nursery:
        nursery.start_soon(answer)
        for item in range(ITEMS):
            await there.send(item)
            assert await ponged.receive() == item
    return ITEMS


async def fan_out(limit):
    permits = trio.CapacityLimiter(limit)
    results = [None] * ITEMS

    async def limited(item):
        async with permits:
            results[item] = item

    async with trio.open_nursery() as nursery:
        for item in range(ITEMS):
            nursery.start_soon(limited, item)
    assert results[-1] == ITEMS - 1
    return ITEMS


async def semaphore():
    permits = trio.Semaphore(1)
    for _ in range(ITEMS):
        await permits.acquire()
        permits.release()
    return ITEMS


WORKS = {
    "gather": gather,
    "group": gather,
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


async def next_line():
    return await trio.to_thread.run_sync(sys.stdin.readline)


trio.run(serve, WORKS, next_line)
