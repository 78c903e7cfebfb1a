"""Pages a second of a crawl with aiohttp, parsed by BeautifulSoup or by lxml alone: see README.md.

    python3 crawl_peers.py URL [RUNS]

Visits what CrawlPages.java visits: all pages of the site, each once, 50 at a time; takes the title and the links.
"""

import asyncio
import sys
import time
from urllib.parse import urldefrag, urljoin, urlsplit

try:
    import aiohttp
except ImportError:
    sys.exit("absent: aiohttp")


def with_soup(parser):
    from bs4 import BeautifulSoup

    def parse(html):
        soup = BeautifulSoup(html, parser)
        links = [a.get("href") for a in soup.find_all(["a", "area"])]
        links += [frame.get("src") for frame in soup.find_all(["frame", "iframe"])]
        return soup.title.text if soup.title else "", links

    return parse


def with_lxml():
    from lxml import html as lxml_html

    def parse(html):
        if not html.strip():
            return "", []
        tree = lxml_html.fromstring(html.encode())
        return tree.findtext(".//title") or "", tree.xpath("//a/@href|//area/@href|//frame/@src|//iframe/@src")

    return parse


async def crawl(start, parse):
    site = urlsplit(start).netloc
    known = {start}
    waiting = asyncio.Queue()
    waiting.put_nowait(start)
    pages = 0
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=50)) as session:

        async def work():
            nonlocal pages
            while True:
                url = await waiting.get()
                try:
                    async with session.get(url) as response:
                        if response.content_type != "text/html":
                            continue
                        _, links = parse(await response.text(errors="replace"))
                    pages += 1
                    for link in links:
                        address = urldefrag(urljoin(url, link or ""))[0]
                        if urlsplit(address).netloc == site and address not in known:
                            known.add(address)
                            waiting.put_nowait(address)
                finally:
                    waiting.task_done()

        workers = [asyncio.create_task(work()) for _ in range(50)]
        await waiting.join()
        for worker in workers:
            worker.cancel()
    return pages


def main():
    start, runs = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 3
    makers = {
        "aiohttp + bs4 (html.parser)": lambda: with_soup("html.parser"),
        "aiohttp + bs4 (lxml)": lambda: with_soup("lxml"),
        "aiohttp + lxml": with_lxml,
    }
    for name, make in makers.items():
        try:
            parse = make()
            parse("<title>x</title>")
        except Exception as e:
            print(f"{name}: absent: {e}")
            continue
        for _ in range(runs):
            began = time.perf_counter()
            pages = asyncio.run(crawl(start, parse))
            seconds = time.perf_counter() - began
            print(f"{name}: {pages} pages, {seconds:.2f} s, {pages / seconds:.0f} pages/s")


main()
