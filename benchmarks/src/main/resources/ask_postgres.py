"""Asks PostgreSQL with asyncpg on uvloop: a peer of the experiments with a database, see Peer.java.

Usage: python3 ask_postgres.py MODE PORT
MODE is "held" (each of at most 10 workers keeps a connection of its own) or "pool" (each query takes one from a pool of
10). Lines on standard input are "queries TASKS EACH", "slow COUNT", "insert ROWS", "copy ROWS" and "fetch ROWS".
"""

import asyncio
import sys

import asyncpg

from measure import Turn, run_with_asyncio

mode, port = sys.argv[1], int(sys.argv[2])
QUERY = "select $1::int + 1"
COLUMNS = ["id", "name", "amount"]
POOL = 10
pool = None


async def opened():
    global pool
    if pool is None:
        pool = await asyncpg.create_pool(
            host="127.0.0.1", port=port, user="postgres", password="postgres", database="postgres",
            min_size=POOL, max_size=POOL,
        )
    return pool


async def queries(tasks, each):
    pool = await opened()
    if mode == "pool":

        async def ask():
            for number in range(each):
                assert await pool.fetchval(QUERY, number) == number + 1

        turn = Turn()
        await asyncio.gather(*[ask() for _ in range(tasks)])
        return turn.over(tasks * each)
    workers = min(tasks, POOL)
    connections = [await pool.acquire() for _ in range(workers)]

    async def work(connection):
        for number in range(tasks * each // workers):
            assert await connection.fetchval(QUERY, number) == number + 1

    turn = Turn()
    await asyncio.gather(*[work(connection) for connection in connections])
    answer = turn.over(tasks * each)
    for connection in connections:
        await pool.release(connection)
    return answer


async def slow(count):
    pool = await opened()
    turn = Turn()
    await asyncio.gather(*[pool.execute("select pg_sleep(0.1)") for _ in range(count)])
    return turn.over(1)


def rows(count):
    return [(i, f"name {i}", i * 1000) for i in range(count)]


async def insert(count):
    items = rows(count)
    async with (await opened()).acquire() as connection:
        await connection.execute("truncate bulk")
        turn = Turn()
        await connection.executemany("insert into bulk (id, name, amount) values ($1, $2, $3)", items)
        return turn.over(count)


async def copy(count):
    items = rows(count)
    async with (await opened()).acquire() as connection:
        await connection.execute("truncate bulk")
        turn = Turn()
        await connection.copy_records_to_table("bulk", records=items, columns=COLUMNS)
        return turn.over(count)


async def fetch(count):
    async with (await opened()).acquire() as connection:
        turn = Turn()
        fetched = await connection.fetch("select id, name, amount, rate, active from fetched")
        assert len(fetched) == count
        return turn.over(count)


async def close():
    await pool.close()


WORKS = {"queries": queries, "slow": slow, "insert": insert, "copy": copy, "fetch": fetch, "close": close}
run_with_asyncio(WORKS, "uvloop")
