"""Gets an address with aiohttp on uvloop, by so many tasks: a peer of the HTTP experiments, see Peer.java.

Lines on standard input are "get TASKS REQUESTS UNITS URL".
"""

import asyncio
import ssl

import aiohttp

from measure import Turn, run_with_asyncio

trusting = ssl.create_default_context()
trusting.check_hostname = False
trusting.verify_mode = ssl.CERT_NONE
session = None


async def get(tasks, requests, units, url):
    global session
    if session is None:
        session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=tasks, ssl=trusting), timeout=aiohttp.ClientTimeout(total=None)
        )

    async def task():
        for _ in range(requests // tasks):
            async with session.get(url) as response:
                await response.read()

    turn = Turn()
    await asyncio.gather(*[task() for _ in range(tasks)])
    return turn.over(units)


async def close():
    await session.close()


run_with_asyncio({"get": get, "close": close}, "uvloop")
