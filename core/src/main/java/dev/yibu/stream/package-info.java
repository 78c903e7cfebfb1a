/**
 * Items that take time: generators, functions over them, and their ways to and from {@link java.util.stream.Stream},
 * {@link java.util.concurrent.CompletionStage} and {@link java.util.concurrent.Flow}.
 *
 * <p>There is one type, {@link dev.yibu.stream.AsyncIterable}, for a plain {@code for}: {@link dev.yibu.Async#generator}
 * makes one from a {@link dev.yibu.stream.Producer}, {@link dev.yibu.stream.AsyncIterable#from} from any {@code Iterable}.
 */
@NullMarked
package dev.yibu.stream;

import org.jspecify.annotations.NullMarked;
