/** Files for {@link dev.yibu} tasks. */
@NullMarked
package dev.yibu.io;

import org.jspecify.annotations.NullMarked;
