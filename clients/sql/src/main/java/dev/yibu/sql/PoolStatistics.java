package dev.yibu.sql;

/**
 * A pool at some moment.
 *
 * @param size how many connections there can be
 * @param open how many there are, used or not; as many as are in use if the data source is the user's own
 * @param inUse how many are lent to sessions
 * @param waiting how many calls wait for one
 * @param stopped how many statements a cancellation or deadline has stopped since the pool was opened
 * @param discarded how many connections were thrown away since then because they were, or might have been, broken
 */
public record PoolStatistics(int size, int open, int inUse, int waiting, long stopped, long discarded) {}
