package dev.yibu;

import static dev.yibu.Async.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.yibu.CancelReason.Kind;
import java.io.IOException;
import java.io.Serial;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Failures in a fail-fast group. */
@Timeout(value = 40, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@SuppressWarnings("finally") // a task that swallows what it was thrown
class TaskGroupFailureTest {
    private static final Duration LONG = Duration.ofHours(1);

    @Test
    void
            when_a_child_fails_siblings_and_body_are_cancelled_all_are_joined_and_the_failure_is_thrown_with_its_own_type() {
        IOException failure = new IOException("it broke");
        AtomicReference<Throwable> inBody = new AtomicReference<>();
        AtomicReference<Throwable> inSibling = new AtomicReference<>();
        Throwable caught = null;
        try {
            TaskGroup.run(group -> {
                group.start("sibling", () -> {
                    inSibling.set(catchThrowable(() -> sleep(LONG)));
                    checkpoint();
                });
                Polling.untilWaiting("sibling");
                group.start("failing", () -> {
                    throw failure;
                });
                inBody.set(catchThrowable(() -> sleep(LONG)));
                checkpoint();
            });
        } catch (IOException e) {
            caught = e;
        }

        assertThat(caught).isSameAs(failure);
        assertThat(failure.getSuppressed()).isEmpty();
        for (AtomicReference<Throwable> met : List.of(inBody, inSibling)) {
            assertThat(met.get()).isInstanceOf(Cancelled.class).hasMessageContaining("failing");
            CancelReason reason = ((Cancelled) met.get()).reason();
            assertThat(reason.kind()).isEqualTo(Kind.FAILURE);
            assertThat(reason.cause()).isSameAs(failure);
        }
    }

    @Test
    void the_first_failure_is_thrown_and_the_others_are_suppressed() {
        IOException first = new IOException("first");
        IllegalStateException second = new IllegalStateException("second");
        IllegalStateException ofBody = new IllegalStateException("of the body");
        assertThatThrownBy(() -> TaskGroup.run(group -> {
                    group.start("second", () -> {
                        try {
                            sleep(LONG);
                        } finally {
                            throw second;
                        }
                    });
                    Polling.untilWaiting("second");
                    group.start(() -> {
                        throw first;
                    });
                    try {
                        sleep(LONG);
                    } finally {
                        throw ofBody;
                    }
                }))
                .isSameAs(first);

        assertThat(first.getSuppressed()).containsExactlyInAnyOrder(second, ofBody);
    }

    @Test
    void a_failure_of_the_body_cancels_the_tasks_and_is_thrown_when_they_are_joined() {
        IOException failure = new IOException("it broke");
        AtomicReference<Throwable> inTask = new AtomicReference<>();
        assertThatThrownBy(() -> TaskGroup.run(group -> {
                    group.start("sleeper", () -> {
                        inTask.set(catchThrowable(() -> sleep(LONG)));
                        checkpoint();
                    });
                    Polling.untilWaiting("sleeper");
                    throw failure;
                }))
                .isSameAs(failure);

        assertThat(inTask.get()).isInstanceOf(Cancelled.class);
        assertThat(((Cancelled) inTask.get()).reason().cause()).isSameAs(failure);
    }

    @Test
    void a_child_error_and_an_outside_cancel_together_throw_the_error_and_the_next_checkpoint_throws_cancelled() {
        IOException failure = new IOException("of the child");
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        AtomicReference<Throwable> next = new AtomicReference<>();
        run(() -> {
            Task<?> owner = createTask("owner", () -> {
                thrown.set(catchThrowable(() -> TaskGroup.run(group -> group.start(() -> {
                    try {
                        sleep(Duration.ofHours(1));
                    } catch (Cancelled cancelled) {
                        throw failure; // what is thrown while it is cancelled is an error all the same
                    }
                }))));
                next.set(catchThrowable(Async::checkpoint));
                checkpoint();
            });
            Polling.untilWaiting("owner");
            owner.cancel("from outside");
            assertThatThrownBy(owner::await).isInstanceOf(CancellationException.class);
        });

        assertThat(thrown.get()).isSameAs(failure);
        assertThat(next.get()).isInstanceOf(Cancelled.class).hasMessage("from outside");
    }

    @Test
    void an_error_is_a_failure_too() {
        StackOverflowError failure = new StackOverflowError();

        assertThatThrownBy(() -> TaskGroup.run(group -> group.start(() -> {
                    throw failure;
                })))
                .isSameAs(failure);
    }

    @Test
    void a_timeout_of_a_child_is_a_failure_and_no_cancellation() {
        assertThatThrownBy(() -> TaskGroup.run(group -> {
                    group.start(() -> timeout(Duration.ofMillis(1), () -> sleep(LONG)));
                    sleep(LONG);
                }))
                .isInstanceOf(TimeoutException.class);
    }

    @Test
    void a_cancellation_exception_that_a_child_throws_itself_is_a_failure() {
        CancellationException failure = new CancellationException("the user's own");

        assertThatThrownBy(() -> TaskGroup.run(group -> group.start(() -> {
                    throw failure;
                })))
                .isSameAs(failure);
    }

    @Test
    void an_exception_that_all_throw_is_thrown_once_and_never_suppresses_itself() {
        IllegalStateException shared = new IllegalStateException("shared");
        assertThatThrownBy(() -> TaskGroup.run(group -> {
                    for (int i = 0; i < 100; i++) {
                        group.start(() -> {
                            throw shared;
                        });
                    }
                    throw shared;
                }))
                .isSameAs(shared);

        assertThat(shared.getSuppressed()).isEmpty();
        assertThat(shared.getCause()).isNull();
    }

    @Test
    void the_failures_of_a_hundred_thousand_children_are_capped_with_a_count() throws Exception {
        int children = 100_000;
        AtomicInteger began = new AtomicInteger();
        TaskGroup.run(outer -> {
            CountDownLatch open = new CountDownLatch(1);
            Task<?> gate = outer.start(() -> open.await());
            Throwable thrown = catchThrowable(() -> TaskGroup.run(group -> {
                for (int i = 0; i < children; i++) {
                    group.start(() -> {
                        began.incrementAndGet();
                        shield(LONG, () -> gate.await());
                        throw new IOException("it broke");
                    });
                }
                Polling.until("all have begun", () -> began.get() == children);
                open.countDown();
            }));

            assertThat(thrown).isInstanceOf(IOException.class);
            assertThat(thrown.getSuppressed()).hasSize(33);
            assertThat(thrown.getSuppressed())
                    .filteredOn(IOException.class::isInstance)
                    .hasSize(32);
            assertThat(thrown.getSuppressed()[32]).hasToString("and 99967 more failures");
        });
    }

    @Test
    void a_body_that_wraps_a_childs_failure_makes_no_circle_and_nothing_is_lost() {
        IOException failure = new IOException("it broke");
        AtomicReference<RuntimeException> wrapper = new AtomicReference<>();
        Thread body = Thread.currentThread();
        Throwable thrown = catchThrowable(() -> TaskGroup.run(group -> {
            Task<String> task = group.start(() -> {
                Polling.untilWaiting(body);
                throw failure;
            });
            try {
                task.await(IOException.class);
            } catch (IOException e) {
                wrapper.set(new RuntimeException("the body wraps it", e));
                throw wrapper.get();
            }
        }));

        assertThat(thrown).isSameAs(failure);
        assertThat(failure.getSuppressed()).hasSize(1).doesNotContain(wrapper.get(), failure);
        assertThat(failure.getSuppressed()[0].toString()).contains("the body wraps it");
        assertThat(failure.getSuppressed()[0].getStackTrace())
                .isEqualTo(wrapper.get().getStackTrace());
    }

    @Test
    void a_body_that_awaits_the_child_that_fails_gets_that_failure() {
        for (int round = 0; round < 300; round++) {
            IOException failure = new IOException("it broke");
            AtomicReference<Throwable> met = new AtomicReference<>();
            Thread body = Thread.currentThread();
            Throwable thrown = catchThrowable(() -> TaskGroup.run(group -> {
                Task<String> task = group.start(() -> {
                    Polling.untilWaiting(body);
                    throw failure;
                });
                met.set(catchThrowable(task::await));
            }));

            assertThat(thrown).isSameAs(failure);
            assertThat(met.get()).isSameAs(failure);
        }
    }

    @Test
    void a_failure_of_an_inner_group_passes_through_the_outer_one_unchanged() {
        IOException failure = new IOException("it broke");
        AtomicInteger ended = new AtomicInteger();
        Throwable thrown = catchThrowable(() -> TaskGroup.run(outer -> {
            outer.start(() -> {
                try {
                    sleep(LONG);
                } finally {
                    ended.incrementAndGet();
                }
            });
            TaskGroup.run(inner -> inner.start(() -> {
                throw failure;
            }));
        }));

        assertThat(thrown).isSameAs(failure);
        assertThat(failure.getSuppressed()).isEmpty();
        checkpoint();
    }

    @Test
    void a_failure_that_can_not_say_what_it_is_still_ends_its_group() {
        Speechless failure = new Speechless();
        AtomicReference<Throwable> inSibling = new AtomicReference<>();

        assertThatThrownBy(() -> TaskGroup.run(group -> {
                    group.start("sibling", () -> {
                        inSibling.set(catchThrowable(() -> sleep(LONG)));
                        checkpoint();
                    });
                    Polling.untilWaiting("sibling");
                    group.start(() -> {
                        throw failure;
                    });
                }))
                .isSameAs(failure);
        assertThat(inSibling.get()).isInstanceOf(Cancelled.class);
        assertThat(catchThrowable(() -> gather(
                        () -> {
                            throw failure;
                        },
                        () -> sleep(LONG))))
                .isSameAs(failure);
    }

    private static final class Speechless extends RuntimeException {
        @Serial
        private static final long serialVersionUID = 1L;

        @Override
        public String getMessage() {
            throw new IllegalStateException("no message can be made");
        }

        @Override
        public String toString() {
            throw new IllegalStateException("no text can be made");
        }
    }

    @Test
    void a_log_handler_that_throws_does_not_keep_a_group_from_ending() {
        Logger logger = Logger.getLogger("dev.yibu");
        Handler broken = new Handler() {
            @Override
            public void publish(LogRecord record) {
                throw new IllegalStateException("the log is full");
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        try (LogCapture _ = new LogCapture()) {
            logger.addHandler(broken);
            TaskGroup.run(group -> {
                Task<?> stubborn = group.start("stubborn", () -> {
                    try {
                        sleep(LONG);
                    } catch (Cancelled swallowed) {
                        return;
                    }
                });
                Polling.untilWaiting("stubborn");
                stubborn.cancel();
            });
        } finally {
            logger.removeHandler(broken);
        }
    }
}
