/** An HTTP client for {@link dev.yibu} tasks. */
@NullMarked
package dev.yibu.http;

import org.jspecify.annotations.NullMarked;
