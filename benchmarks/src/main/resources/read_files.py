"""Reads the files that it is told of, when it is told to, and says how long that took: a peer of the file experiments.

Usage: python3 read_files.py MODE FOLDER COUNT
MODE is "sequential", "executor" (open, read and close each in asyncio's thread pool, at most 64 files at a time) or
"aiofiles" (the same by that library). For each line on standard input it reads FOLDER/0 to FOLDER/COUNT-1 and prints the
nanoseconds.
"""

import asyncio
import sys
import time

mode, folder, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
paths = [f"{folder}/{number}" for number in range(count)]


def sequential():
    contents = []
    for path in paths:
        with open(path, "rb") as file:
            contents.append(file.read())
    return contents


async def with_executor():
    loop = asyncio.get_running_loop()
    limit = asyncio.Semaphore(64)

    async def read(path):
        async with limit:
            file = await loop.run_in_executor(None, open, path, "rb")
            try:
                return await loop.run_in_executor(None, file.read)
            finally:
                await loop.run_in_executor(None, file.close)

    return await asyncio.gather(*[read(path) for path in paths])


async def with_aiofiles():
    import aiofiles

    limit = asyncio.Semaphore(64)

    async def read(path):
        async with limit:
            async with aiofiles.open(path, "rb") as file:
                return await file.read()

    return await asyncio.gather(*[read(path) for path in paths])


for _ in sys.stdin:
    start = time.perf_counter_ns()
    if mode == "sequential":
        contents = sequential()
    else:
        contents = asyncio.run(with_aiofiles() if mode == "aiofiles" else with_executor())
    nanos = time.perf_counter_ns() - start
    assert sum(len(content) for content in contents) == 4096 * count
    print(nanos, flush=True)
