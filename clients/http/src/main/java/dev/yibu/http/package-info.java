/**
 * An HTTP client for {@link dev.yibu} tasks, on OkHttp. {@link dev.yibu.http.HttpSession} is where to begin.
 *
 * <p>A session makes {@link dev.yibu.http.HttpRequest}s; their last call, such as {@code text()}, sends them on the calling
 * task's own thread. {@link dev.yibu.http.HttpOptions} says how, and what goes wrong is an {@link
 * dev.yibu.http.HttpException}.
 */
@NullMarked
package dev.yibu.http;

import org.jspecify.annotations.NullMarked;
