package dev.yibu.crawler;

import org.jspecify.annotations.Nullable;

/** What came of a target; no page if the answer was something else than HTML. */
record Visit(Target target, @Nullable Page page) {}
