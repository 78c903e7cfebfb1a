package dev.yibu;

import static dev.yibu.Async.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 40, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class AbandonTest {
    private static final ContextVar<String> USER = ContextVar.withDefault("user", "nobody");

    /** Makes a call that may be abandoned, and cancels its caller when the call has begun. Returns what the caller met. */
    private static <T> Throwable leaveBehind(Coroutine<T, RuntimeException> body, Consumer<? super T> onDiscard) {
        AtomicReference<Throwable> met = new AtomicReference<>();
        TaskGroup.run(group -> {
            CountDownLatch begun = new CountDownLatch(1);
            Task<?> caller = group.start(() -> {
                met.set(catchThrowable(() -> abandon(
                        () -> {
                            begun.countDown();
                            return body.run();
                        },
                        onDiscard)));
                checkpoint();
            });
            Polling.uninterruptibly(begun);
            caller.cancel("enough");
            assertThatThrownBy(caller::await).isInstanceOf(CancellationException.class);
        });
        return met.get();
    }

    @Test
    void a_call_that_ends_in_time_yields_its_value() {
        AtomicInteger discarded = new AtomicInteger();
        String value = USER.where(
                "alice",
                () -> abandon(
                        () -> USER.get() + " on " + Thread.currentThread().isVirtual(),
                        _ -> discarded.incrementAndGet()));

        assertThat(value).isEqualTo("alice on false");
        assertThat(discarded).hasValue(0);
    }

    @Test
    void a_call_that_fails_in_time_throws_its_exception_as_it_is() {
        IOException failure = new IOException("it broke");
        Throwable caught = null;
        try {
            abandon(() -> {
                throw failure;
            });
        } catch (IOException e) {
            caught = e;
        }

        assertThat(caught).isSameAs(failure);
    }

    @Test
    void a_timeout_does_not_wait_for_it() {
        CountDownLatch open = new CountDownLatch(1);
        AtomicBoolean ended = new AtomicBoolean();
        assertThatThrownBy(() -> timeout(
                        Duration.ofMillis(5),
                        () -> abandon(() -> {
                            Polling.uninterruptibly(open);
                            return ended.getAndSet(true);
                        })))
                .isInstanceOf(TimeoutException.class);

        assertThat(ended).isFalse();
        open.countDown();
    }

    @Test
    void a_caller_that_is_cancelled_gets_cancelled_and_the_late_value_goes_to_on_discard_on_the_calls_thread() {
        CountDownLatch open = new CountDownLatch(1);
        AtomicReference<Thread> worker = new AtomicReference<>();
        AtomicReference<Thread> discarder = new AtomicReference<>();
        Queue<String> discarded = new ConcurrentLinkedQueue<>();
        Throwable met = leaveBehind(
                () -> {
                    worker.set(Thread.currentThread());
                    Polling.uninterruptibly(open);
                    return "late";
                },
                value -> {
                    discarder.set(Thread.currentThread());
                    discarded.add(value);
                });

        assertThat(met).isInstanceOf(Cancelled.class).hasMessage("enough");
        assertThat(discarded).isEmpty();
        open.countDown();
        Polling.until("the value is discarded", () -> !discarded.isEmpty());
        assertThat(discarded).containsExactly("late");
        assertThat(discarder.get()).isSameAs(worker.get());
    }

    @Test
    void the_call_is_not_told_of_the_cancellation() {
        CountDownLatch open = new CountDownLatch(1);
        AtomicReference<Object> told = new AtomicReference<>();
        leaveBehind(
                () -> {
                    Polling.uninterruptibly(open);
                    Throwable atCheckpoint = catchThrowable(Async::checkpoint);
                    told.set(Thread.currentThread().isInterrupted() ? "interrupted" : String.valueOf(atCheckpoint));
                    return 1;
                },
                _ -> {});
        open.countDown();

        Polling.until("it has looked", () -> told.get() != null);
        assertThat(told).hasValue("null");
    }

    @Test
    void an_on_discard_that_throws_is_logged() {
        CountDownLatch open = new CountDownLatch(1);
        IllegalStateException failure = new IllegalStateException("no bin");
        try (LogCapture log = new LogCapture()) {
            leaveBehind(
                    () -> {
                        Polling.uninterruptibly(open);
                        return 1;
                    },
                    _ -> {
                        throw failure;
                    });
            open.countDown();
            log.untilLogged("onDiscard");

            assertThat(log.records("onDiscard").getFirst().getThrown()).isSameAs(failure);
        }
    }

    @Test
    void a_value_is_returned_or_discarded_and_never_both_or_neither() {
        for (int round = 0; round < 500; round++) {
            AtomicInteger returned = new AtomicInteger();
            AtomicInteger discarded = new AtomicInteger();
            AtomicBoolean ran = new AtomicBoolean();
            AtomicBoolean begun = new AtomicBoolean();
            TaskGroup.run(group -> {
                Task<?> caller = group.start(() -> {
                    begun.set(true);
                    abandon(
                            () -> {
                                ran.set(true);
                                return 1;
                            },
                            _ -> discarded.incrementAndGet());
                    returned.incrementAndGet();
                });
                Polling.until("it has begun", begun::get);
                caller.cancel();
            });
            if (returned.get() == 0 && !ran.get()) {
                continue; // it was cancelled before the call, or the call has not begun yet
            }
            Polling.until("the value is somewhere", () -> returned.get() + discarded.get() > 0);
            assertThat(returned.get() + discarded.get()).isEqualTo(1);
        }
    }

    @Test
    void it_is_a_checkpoint() {
        AtomicBoolean ran = new AtomicBoolean();
        TaskGroup.run(group -> {
            group.cancel("enough");
            assertThat(catchThrowable(() -> abandon(() -> ran.getAndSet(true)))).isInstanceOf(Cancelled.class);
        });

        assertThat(ran).isFalse();
    }

    private static final int PLACES = 64;

    /** Begins as many calls as the pool has places, which hang until the latch opens, and runs a body meanwhile. */
    private static void whilePoolIsFull(CountDownLatch open, AsyncConsumer<TaskGroup, RuntimeException> body) {
        AtomicInteger begun = new AtomicInteger();
        TaskGroup.run(group -> {
            for (int i = 0; i < PLACES; i++) {
                group.start(() -> abandon(() -> {
                    begun.incrementAndGet();
                    Polling.uninterruptibly(open);
                    return 1;
                }));
            }
            try {
                Polling.until("the pool is full", () -> begun.get() == PLACES);
                body.accept(group);
            } catch (Throwable t) {
                open.countDown();
                throw t;
            }
        });
    }

    @Test
    void calls_that_find_the_pool_full_are_queued_and_taken_back_when_cancelled() {
        AtomicBoolean ran = new AtomicBoolean();
        CountDownLatch open = new CountDownLatch(1);
        whilePoolIsFull(open, group -> {
            Task<?> queued = group.start("queued", () -> abandon(() -> ran.getAndSet(true)));
            Task<?> alsoQueued = group.start("also queued", () -> blocking(() -> ran.getAndSet(true)));
            Polling.untilWaiting("queued");
            Polling.untilWaiting("also queued");
            queued.cancel();
            alsoQueued.cancel();
            assertThatThrownBy(queued::await).isInstanceOf(CancellationException.class);
            assertThatThrownBy(alsoQueued::await).isInstanceOf(CancellationException.class);
            open.countDown();
        });

        assertThat(ran).isFalse();
        assertThat(abandon(() -> "its turn")).isEqualTo("its turn");
    }

    @Test
    void calls_that_are_left_behind_leave_their_places_in_the_pool_to_others() {
        CountDownLatch open = new CountDownLatch(1);
        try {
            whilePoolIsFull(open, group -> group.cancel("enough"));
            whilePoolIsFull(open, group -> group.cancel("enough"));
            assertThat(blocking(() -> "blocking") + abandon(() -> " and abandonable"))
                    .isEqualTo("blocking and abandonable");
        } finally {
            open.countDown();
        }
    }

    @Test
    void calls_inside_calls_need_no_further_place() {
        AtomicInteger begun = new AtomicInteger();
        TaskGroup.run(group -> {
            for (int i = 0; i < PLACES; i++) {
                group.start(() -> abandon(() -> {
                    begun.incrementAndGet();
                    Polling.until("the pool is full", () -> begun.get() == PLACES);
                    assertThat(blocking(() -> abandon(() -> blocking(() -> 1)))).isEqualTo(1);
                    return 1;
                }));
            }
        });
    }

    @Test
    void a_blocking_call_inside_has_another_thread_so_that_no_timeout_inside_interrupts_it() {
        List<Thread> threads = abandon(() -> List.of(Thread.currentThread(), blocking(Thread::currentThread)));

        assertThat(threads.get(0)).isNotSameAs(threads.get(1));
    }

    /** Abandons two calls, is refused a third, and is allowed one again when one of the two has ended. */
    static final class Capped {
        public static void main(String[] arguments) {
            CountDownLatch[] open = {new CountDownLatch(1), new CountDownLatch(1)};
            AtomicInteger discarded = new AtomicInteger();
            for (CountDownLatch latch : open) {
                leaveBehind(
                        () -> {
                            Polling.uninterruptibly(latch);
                            return 1;
                        },
                        _ -> discarded.incrementAndGet());
            }
            try {
                abandon(() -> 1);
                System.out.println("not refused");
            } catch (IllegalStateException e) {
                System.out.println(e.getMessage());
            }
            open[0].countDown();
            Polling.until("it has ended", () -> discarded.get() == 1);
            System.out.println(abandon(() -> "allowed again"));
        }
    }

    @Test
    void beyond_a_cap_of_calls_that_have_not_ended_a_further_one_is_refused_with_a_clear_error() throws Exception {
        try (ChildJvm child = new ChildJvm(Capped.class, "-Dyibu.abandoned.max=2")) {
            assertThat(child.readToEnd())
                    .satisfiesExactly(
                            error -> assertThat(error)
                                    .contains("2 abandoned calls have not ended")
                                    .contains("-Dyibu.abandoned.max"),
                            last -> assertThat(last).isEqualTo("allowed again"));
            assertThat(child.exitStatus()).isZero();
        }
    }
}
