"""Does what it is told to with asyncpg, and says how long that took: a peer of the experiments with a database.

Usage: python3 ask_postgres.py MODE PORT
MODE is "held" (each of at most 10 workers keeps a connection of its own) or "pool" (each query takes one from a pool of
10). Lines on standard input are "queries TASKS EACH", "insert ROWS", "copy ROWS" and "fetch ROWS"; each is answered with
nanoseconds. With uvloop, if it is installed.
"""

import asyncio
import sys
import time

import asyncpg

mode, port = sys.argv[1], int(sys.argv[2])
QUERY = "select $1::int + 1"
COLUMNS = ["id", "name", "amount"]
POOL = 10


async def queries(pool, tasks, each):
    if mode == "pool":

        async def ask():
            for number in range(each):
                assert await pool.fetchval(QUERY, number) == number + 1

        start = time.perf_counter_ns()
        await asyncio.gather(*[ask() for _ in range(tasks)])
        return time.perf_counter_ns() - start
    workers = min(tasks, POOL)
    connections = [await pool.acquire() for _ in range(workers)]

    async def work(connection):
        for number in range(tasks * each // workers):
            assert await connection.fetchval(QUERY, number) == number + 1

    start = time.perf_counter_ns()
    await asyncio.gather(*[work(connection) for connection in connections])
    nanos = time.perf_counter_ns() - start
    for connection in connections:
        await pool.release(connection)
    return nanos


async def many(pool, work, count):
    rows = [(i, f"name {i}", i * 1000) for i in range(count)]
    async with pool.acquire() as connection:
        if work != "fetch":
            await connection.execute("truncate bulk")
        start = time.perf_counter_ns()
        if work == "insert":
            await connection.executemany("insert into bulk (id, name, amount) values ($1, $2, $3)", rows)
        elif work == "copy":
            await connection.copy_records_to_table("bulk", records=rows, columns=COLUMNS)
        else:
            fetched = await connection.fetch("select id, name, amount, rate, active from fetched")
            assert len(fetched) == count
        return time.perf_counter_ns() - start


async def main():
    pool = await asyncpg.create_pool(
        host="127.0.0.1", port=port, user="postgres", password="postgres", database="postgres",
        min_size=POOL, max_size=POOL,
    )
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        work, *numbers = line.split()
        numbers = [int(number) for number in numbers]
        nanos = await (queries(pool, *numbers) if work == "queries" else many(pool, work, *numbers))
        print(nanos, flush=True)
    await pool.close()


try:
    import uvloop

    uvloop.run(main())
except ImportError:
    asyncio.run(main())
