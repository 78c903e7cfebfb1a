"""Crawls a website when it is told to: a peer of the crawl experiment, see Peer.java.

Usage: python3 crawl_peer.py MODE URL
MODE is "bs4" (aiohttp and BeautifulSoup with Python's own parser), "lxml" (aiohttp and lxml alone) or "stdlib": sockets and
html.parser, which comes with Python and is what bs4 builds on. The line on standard input is "crawl": it visits all pages of
the site, each once, 50 at a time, and takes the title and the links of each.
"""

import asyncio
import sys
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from measure import run_with_asyncio

mode, start = sys.argv[1], sys.argv[2]
site = urlsplit(start).netloc
AT_A_TIME = 50
LINKS = {"a": "href", "area": "href", "frame": "src", "iframe": "src"}


class TitleAndLinks(HTMLParser):
    def __init__(self):
        super().__init__()
        self.title, self.links, self.inside = "", [], False

    def handle_starttag(self, tag, attributes):
        if tag == "title":
            self.inside = True
        elif tag in LINKS:
            self.links += [value for name, value in attributes if name == LINKS[tag]]

    def handle_endtag(self, tag):
        self.inside = self.inside and tag != "title"

    def handle_data(self, text):
        if self.inside:
            self.title += text


def with_stdlib(html):
    parser = TitleAndLinks()
    parser.feed(html)
    return parser.title, parser.links


def with_bs4(html):
    soup = bs4.BeautifulSoup(html, "html.parser")
    return soup.title.text if soup.title else "", [tag.get(LINKS[tag.name]) for tag in soup.find_all(list(LINKS))]


def with_lxml(html):
    if not html.strip():
        return "", []
    tree = lxml.html.fromstring(html.encode())
    return tree.findtext(".//title") or "", tree.xpath("//a/@href|//area/@href|//frame/@src|//iframe/@src")


async def by_sockets(connection, url):
    """Yields the body if it is HTML. As much of HTTP as the site of this benchmark speaks."""
    parts = urlsplit(url)
    target = parts.path + ("?" + parts.query if parts.query else "")
    head = None
    while head is None:
        used = bool(connection)
        if not used:
            connection += await asyncio.open_connection(parts.hostname, parts.port, limit=1 << 26)
        reader, writer = connection
        writer.write(f"GET {target} HTTP/1.1\r\nHost: {site}\r\n\r\n".encode())
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        except (ConnectionError, asyncio.IncompleteReadError):
            if not used:
                raise
            connection.clear()  # the server has closed it while it was idle
    length = int(head.split("content-length:")[1].split("\r\n")[0]) if "content-length:" in head else 0
    body = await reader.readexactly(length)
    return body.decode(errors="replace") if " 200 " in head and "content-type: text/html" in head else None


async def by_aiohttp(session, url):
    async with session.get(url) as response:
        html = response.status == 200 and response.content_type == "text/html"
        return await response.text(errors="replace") if html else None


async def crawl(get, client, parse):
    known, waiting, pages = {start}, asyncio.Queue(), 0
    waiting.put_nowait(start)

    async def work():
        nonlocal pages
        own = client() if callable(client) else client
        while True:
            url = await waiting.get()
            html = await get(own, url)
            if html is not None:
                _, links = parse(html)
                pages += 1
                for link in {(link or "").partition("#")[0] for link in links}:
                    address = urljoin(url, link)
                    if urlsplit(address).netloc == site and address not in known:
                        known.add(address)
                        waiting.put_nowait(address)
            waiting.task_done()

    workers = [asyncio.create_task(work()) for _ in range(AT_A_TIME)]
    ended = asyncio.create_task(waiting.join())
    await asyncio.wait([ended, *workers], return_when=asyncio.FIRST_COMPLETED)
    failed = [worker.exception() for worker in workers if worker.done()]
    for task in [ended, *workers]:
        task.cancel()
    if failed:
        raise failed[0]
    return pages


async def main():
    if mode == "stdlib":
        return await crawl(by_sockets, list, with_stdlib)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=AT_A_TIME)) as session:
        return await crawl(by_aiohttp, session, with_bs4 if mode == "bs4" else with_lxml)


if mode != "stdlib":
    import aiohttp

    if mode == "bs4":
        import bs4
    else:
        import lxml.html

run_with_asyncio({"crawl": main})
