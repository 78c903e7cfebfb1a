/** Databases for {@link dev.yibu} tasks. */
@NullMarked
package dev.yibu.sql;

import org.jspecify.annotations.NullMarked;
