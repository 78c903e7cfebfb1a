package dev.yibu.crawler;

import org.jspecify.annotations.Nullable;

/**
 * What a store has made of a visit.
 *
 * @param page what is to be delivered, if anything: nothing if the page was known, or has been taken over
 * @param added how many addresses nobody had known
 */
record Settled(Target target, @Nullable Page page, int added) {}
