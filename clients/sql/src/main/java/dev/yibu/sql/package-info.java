/**
 * Databases for {@link dev.yibu} tasks: PostgreSQL, MariaDB and MySQL through their JDBC drivers, or whatever has a {@link
 * javax.sql.DataSource}. Compare asyncpg and aiomysql.
 *
 * <p>{@link dev.yibu.sql.Database} is a pool of connections, {@link dev.yibu.sql.Session} one of them, {@link
 * dev.yibu.sql.Queries} what can be asked of both. A cancelled statement is stopped in the server; its connection is fine
 * again or gone before anybody else could get it.
 *
 * <p>Both drivers come along as ordinary dependencies; leave out the one that you don't need.
 */
@NullMarked
package dev.yibu.sql;

import org.jspecify.annotations.NullMarked;
