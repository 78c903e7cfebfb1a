"""Reads the files that it is told of, when it is told to: a peer of the file experiments, see Peer.java.

Usage: python3 read_files.py MODE FOLDER COUNT
MODE is "sequential", "executor" (open, read and close each in asyncio's thread pool, at most 64 files at a time) or
"aiofiles" (the same by that library). For each line "read" on standard input it reads FOLDER/0 to FOLDER/COUNT-1.
"""

import asyncio
import sys

from measure import run_with_asyncio

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


async def read():
    if mode == "sequential":
        contents = sequential()
    else:
        contents = await (with_aiofiles() if mode == "aiofiles" else with_executor())
    assert sum(len(content) for content in contents) == 4096 * count
    return count


run_with_asyncio({"read": read})
