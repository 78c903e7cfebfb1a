package dev.yibu.crawler;

import java.net.URI;

/** An address to visit, and how many links led to it. */
record Target(URI url, int depth) {}
