package dev.yibu.stream;

import dev.yibu.Async;
import dev.yibu.AsyncFunction;
import dev.yibu.CancelReason;
import dev.yibu.Coroutine;
import dev.yibu.lowlevel.Deadlines;
import dev.yibu.lowlevel.Driver;
import dev.yibu.lowlevel.Strand;
import dev.yibu.lowlevel.Throwing;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The stages of a pipeline that need no task of their own: they do their work when they are asked. What a stage has
 * taken from its upstream it keeps until it has passed it on, so a cancelled step loses nothing.
 */
final class Stages {
    private static final Object NONE = new Object();

    private Stages() {}

    /** A source over another one. */
    private abstract static class Stage<A extends @Nullable Object, T extends @Nullable Object> extends Source<T> {
        final Source<A> upstream;

        Stage(Source<A> upstream) {
            this.upstream = upstream;
        }

        @Override
        void cancel(CancelReason reason) {
            upstream.cancel(reason);
        }

        @Override
        void close() {
            upstream.close();
        }

        @Override
        boolean isClosed() {
            return upstream.isClosed();
        }
    }

    private static <A extends @Nullable Object, T extends @Nullable Object> T apply(
            AsyncFunction<? super A, ? extends T, ?> function, A argument) {
        try {
            return function.apply(argument);
        } catch (Throwable t) {
            throw Throwing.<RuntimeException>any(t);
        }
    }

    static <A extends @Nullable Object, T extends @Nullable Object> Source<T> map(
            Source<A> upstream, AsyncFunction<? super A, ? extends T, ?> function) {
        return new Stage<A, T>(upstream) {
            private @Nullable Object held = NONE;

            @Override
            @Nullable
            Object next() {
                if (held == NONE) {
                    Object item = upstream.next();
                    if (item == END) {
                        return END;
                    }
                    held = item;
                }
                T mapped = apply(function, Source.<A>item(held));
                held = NONE;
                return mapped;
            }
        };
    }

    static <T extends @Nullable Object> Source<T> filter(
            Source<T> upstream, AsyncFunction<? super T, Boolean, ?> predicate) {
        return new Stage<T, T>(upstream) {
            private @Nullable Object held = NONE;

            @Override
            @Nullable
            Object next() {
                for (; ; ) {
                    if (held == NONE) {
                        Object item = upstream.next();
                        if (item == END) {
                            return END;
                        }
                        held = item;
                    }
                    Object item = held;
                    boolean passes = apply(predicate, Source.<T>item(item));
                    held = NONE;
                    if (passes) {
                        return item;
                    }
                }
            }
        };
    }

    static <T extends @Nullable Object> Source<T> take(Source<T> upstream, long count) {
        return new Stage<T, T>(upstream) {
            private long left = count;

            @Override
            @Nullable
            Object next() {
                if (left == 0) {
                    return END;
                }
                Object item = upstream.next();
                left = item == END ? 0 : left - 1;
                return item;
            }
        };
    }

    static <T extends @Nullable Object> Source<T> timeoutEach(Source<T> upstream, Duration timeout) {
        return new Stage<T, T>(upstream) {
            private final Coroutine<@Nullable Object, RuntimeException> step = upstream::next;

            @Override
            @Nullable
            Object next() {
                return Async.<@Nullable Object, RuntimeException>timeout(timeout, step);
            }
        };
    }

    /** Remembers when the last items passed; the next one waits until the oldest of them is long enough ago. */
    static <T extends @Nullable Object> Source<T> throttle(Source<T> upstream, Pace pace) {
        return new Stage<T, T>(upstream) {
            private @Nullable Object held = NONE;

            @Override
            @Nullable
            Object next() {
                if (held == NONE) {
                    Object item = upstream.next();
                    if (item == END) {
                        return END;
                    }
                    held = item;
                }
                pace.await();
                Object item = held;
                held = NONE;
                return item;
            }
        };
    }

    /** At most so many events in any stretch of time of a length. For one strand at a time. */
    static final class Pace {
        private final long[] passed;
        private final long perNanos;
        private long count;

        Pace(int events, long perNanos) {
            this.passed = new long[events];
            this.perNanos = perNanos;
        }

        /** Waits until the next event may happen, and counts it. */
        void await() {
            Driver driver = Objects.requireNonNull(Strand.current()).driver();
            int oldest = (int) (count % passed.length);
            if (count >= passed.length) {
                long wait = Deadlines.after(passed[oldest], perNanos) - driver.nanoTime();
                if (wait > 0) {
                    Async.sleep(Duration.ofNanos(wait));
                }
            }
            passed[oldest] = driver.nanoTime();
            count++;
        }
    }

    static <A extends @Nullable Object, B extends @Nullable Object, R extends @Nullable Object> Source<R> zip(
            Source<A> left, Source<B> right, Async.Combine<? super A, ? super B, ? extends R> combine) {
        return new Source<R>() {
            private @Nullable Object heldLeft = NONE;
            private @Nullable Object heldRight = NONE;

            @Override
            @Nullable
            Object next() {
                if (heldLeft == NONE) {
                    heldLeft = left.next();
                }
                if (heldLeft != END && heldRight == NONE) {
                    heldRight = right.next();
                }
                if (heldLeft == END || heldRight == END) {
                    return END;
                }
                R combined = combine.apply(Source.<A>item(heldLeft), Source.<B>item(heldRight));
                heldLeft = NONE;
                heldRight = NONE;
                return combined;
            }

            @Override
            void cancel(CancelReason reason) {
                left.cancel(reason);
                right.cancel(reason);
            }

            @Override
            void close() {
                closeAll(() -> {}, List.of(left, right));
            }

            @Override
            boolean isClosed() {
                return left.isClosed() || right.isClosed();
            }
        };
    }
}
