package dev.yibu.sql;

import java.sql.Connection;

/**
 * A connection from when the data source has lent it until it has it back. Sessions may use it one after the other.
 *
 * @param sinceNanos when it was lent, by the driver's clock
 * @param suspicions how often the pool had suspected its connections before
 */
record Loan(Connection connection, Dialect dialect, long sinceNanos, int suspicions) {}
