"""aiohttp on uvloop: so many tasks that get one address. Prints the rate of the median round.

usage: http_peer.py URL TASKS REQUESTS ROUNDS
"""

import asyncio
import resource
import ssl
import statistics
import sys
import time

import aiohttp
import uvloop


async def task(session, url, requests):
    for _ in range(requests):
        async with session.get(url) as response:
            await response.read()


async def main(url, tasks, requests, rounds):
    trusting = ssl.create_default_context()
    trusting.check_hostname = False
    trusting.verify_mode = ssl.CERT_NONE
    seconds = []
    processor = []
    connector = aiohttp.TCPConnector(limit=tasks, ssl=trusting)
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=None)) as session:
        for _ in range(rounds):
            start = time.perf_counter()
            used = resource.getrusage(resource.RUSAGE_SELF)
            await asyncio.gather(*[task(session, url, requests // tasks) for _ in range(tasks)])
            now = resource.getrusage(resource.RUSAGE_SELF)
            seconds.append(time.perf_counter() - start)
            processor.append(now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime)
    median = statistics.median(seconds[rounds // 3:])
    cost = statistics.median(processor[rounds // 3:]) / requests
    print(f"{requests / median:,.0f} requests/s, {median * 1e3:.1f} ms a round, {cost * 1e6:.0f} µs of CPU a request")


uvloop.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])))
