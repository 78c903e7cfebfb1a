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
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 40, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BlockingTest {
    private static final Duration LONG = Duration.ofHours(1);
    private static final int THREADS = 64;
    private static final ContextVar<String> USER = ContextVar.withDefault("user", "nobody");

    @Test
    void it_runs_on_a_platform_thread_of_the_pool_and_returns_the_value() {
        for (int i = 0; i < 100; i++) {
            Thread thread = TaskGroup.call(
                    group -> group.start(() -> blocking(Thread::currentThread)).await());
            assertThat(thread.isVirtual()).isFalse();
            assertThat(thread.getName()).startsWith("yibu-blocking-");
        }
    }

    @Test
    void an_exception_of_the_call_is_thrown_as_it_is() {
        IOException failure = new IOException("it broke");
        Throwable caught = null;
        try {
            blocking(() -> throwIt(failure));
        } catch (IOException e) {
            caught = e;
        }

        assertThat(caught).isSameAs(failure);
    }

    private static void throwIt(IOException failure) throws IOException {
        throw failure;
    }

    @Test
    void the_callers_context_variables_are_visible_in_the_call() {
        String seen = USER.where("alice", () -> blocking(() -> USER.get() + USER.where("bob", () -> USER.get())));

        assertThat(seen).isEqualTo("alicebob");
    }

    @Test
    void the_calls_task_is_the_callers() {
        run(RunOptions.defaults().withName("the caller"), () -> {
            assertThat(blocking(() -> currentTask())).isEqualTo(currentTask());
            assertThat(blocking(() -> createTask(() -> 7)).await()).isEqualTo(7);
        });
    }

    @Test
    void never_more_than_64_run_at_a_time_and_so_many_do() throws InterruptedException {
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        AtomicInteger done = new AtomicInteger();
        CountDownLatch open = new CountDownLatch(1);
        TaskGroup.run(group -> {
            for (int i = 0; i < 3 * THREADS; i++) {
                group.start(() -> blocking(() -> {
                    most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                    open.await();
                    inside.decrementAndGet();
                    done.incrementAndGet();
                }));
            }
            Polling.until("the pool is full", () -> inside.get() == THREADS);
            open.countDown();
        });

        assertThat(done).hasValue(3 * THREADS);
        assertThat(most).hasValue(THREADS);
    }

    /** Runs a body while all threads of the pool are held; each permit released lets one of them go. */
    private static void whilePoolIsFull(AsyncConsumer<Semaphore, Exception> body) throws Exception {
        Semaphore mayGo = new Semaphore(0);
        AtomicInteger inside = new AtomicInteger();
        TaskGroup.run(group -> {
            for (int i = 0; i < THREADS; i++) {
                group.start(() -> blocking(() -> {
                    inside.incrementAndGet();
                    mayGo.acquire();
                }));
            }
            try {
                Polling.until("the pool is full", () -> inside.get() == THREADS);
                body.accept(mayGo);
            } finally {
                mayGo.release(THREADS);
            }
        });
    }

    @Test
    void a_queued_call_that_is_cancelled_is_taken_back() throws Exception {
        AtomicBoolean ran = new AtomicBoolean();
        whilePoolIsFull(mayGo -> TaskGroup.run(group -> {
            Task<?> queued = group.start("queued", () -> blocking(() -> ran.set(true)));
            Polling.untilWaiting("queued");
            queued.cancel();
            assertThatThrownBy(queued::await)
                    .as("although the pool is still full")
                    .isInstanceOf(CancellationException.class);
            Task<String> next = group.start("next", () -> blocking(() -> "has its turn"));
            Polling.untilWaiting("next");
            mayGo.release();
            assertThat(next.await()).isEqualTo("has its turn");
        }));

        assertThat(ran).isFalse();
    }

    @Test
    void queued_calls_run_in_the_order_of_their_arrival() throws Exception {
        Queue<Integer> order = new ConcurrentLinkedQueue<>();
        whilePoolIsFull(mayGo -> TaskGroup.run(group -> {
            for (int i = 0; i < 10; i++) {
                int number = i;
                group.start(
                        "queued " + i,
                        () -> blocking(() -> {
                            order.add(number);
                        }));
                Polling.untilWaiting("queued " + i);
            }
            mayGo.release();
        }));

        assertThat(order)
                .containsExactlyElementsOf(IntStream.range(0, 10).boxed().toList());
    }

    @Test
    void a_running_call_is_never_interrupted_and_is_waited_for_and_its_value_is_returned() {
        AtomicReference<Boolean> interrupted = new AtomicReference<>();
        AtomicReference<String> value = new AtomicReference<>();
        AtomicReference<Throwable> next = new AtomicReference<>();
        TaskGroup.run(group -> {
            CountDownLatch begun = new CountDownLatch(1);
            CountDownLatch open = new CountDownLatch(1);
            Task<?> caller = group.start("caller", () -> {
                value.set(blocking(() -> {
                    begun.countDown();
                    Polling.uninterruptibly(open);
                    interrupted.set(Thread.currentThread().isInterrupted());
                    return "the value";
                }));
                next.set(catchThrowable(Async::checkpoint));
                checkpoint();
            });
            Polling.uninterruptibly(begun);
            Polling.untilWaiting("caller");
            for (int i = 0; i < 3; i++) {
                caller.cancel("again");
            }
            assertThat(caller.isDone()).isFalse();
            open.countDown();
            assertThatThrownBy(caller::await).isInstanceOf(CancellationException.class);
        });

        assertThat(interrupted).hasValue(false);
        assertThat(value).hasValue("the value");
        assertThat(next.get()).isInstanceOf(Cancelled.class);
    }

    @Test
    void a_checkpoint_inside_the_call_throws_when_the_caller_is_cancelled() {
        AtomicReference<Throwable> met = new AtomicReference<>();
        TaskGroup.run(group -> {
            CountDownLatch begun = new CountDownLatch(1);
            CountDownLatch cancelled = new CountDownLatch(1);
            Task<?> caller = group.start(() -> blocking(() -> {
                begun.countDown();
                Polling.uninterruptibly(cancelled);
                met.set(catchThrowable(Async::checkpoint));
                checkpoint();
            }));
            Polling.uninterruptibly(begun);
            caller.cancel("enough");
            cancelled.countDown();
            assertThatThrownBy(caller::await)
                    .isInstanceOf(CancellationException.class)
                    .hasMessageContaining("enough");
        });

        assertThat(met.get()).isInstanceOf(Cancelled.class).hasMessage("enough");
    }

    @Test
    void a_wait_inside_the_call_is_ended_when_the_caller_is_cancelled() {
        for (int round = 0; round < 100; round++) {
            TaskGroup.run(group -> {
                CountDownLatch begun = new CountDownLatch(1);
                Task<?> caller = group.start(() -> blocking(() -> {
                    begun.countDown();
                    sleep(LONG);
                }));
                Polling.uninterruptibly(begun);
                caller.cancel();
                assertThatThrownBy(caller::await).isInstanceOf(CancellationException.class);
            });
        }
    }

    @Test
    void tasks_and_timeouts_may_be_used_inside_the_call() {
        List<Integer> values = blocking(() -> gather(() -> 1, () -> blocking(() -> 2)));
        assertThat(values).containsExactly(1, 2);

        assertThatThrownBy(() -> blocking(() -> timeout(Duration.ofMillis(1), () -> sleep(LONG))))
                .isInstanceOf(TimeoutException.class);
        checkpoint();
    }

    @Test
    void tasks_started_inside_the_call_are_cancelled_with_the_caller() {
        AtomicReference<Throwable> met = new AtomicReference<>();
        TaskGroup.run(group -> {
            CountDownLatch begun = new CountDownLatch(1);
            Task<?> caller = group.start(() -> blocking(() -> gather(() -> {
                begun.countDown();
                met.set(catchThrowable(() -> sleep(LONG)));
                checkpoint();
            })));
            Polling.uninterruptibly(begun);
            caller.cancel();
        });

        assertThat(met.get()).isInstanceOf(Cancelled.class);
    }

    @Test
    void it_is_a_checkpoint() {
        AtomicBoolean ran = new AtomicBoolean();
        TaskGroup.run(group -> {
            group.cancel("enough");
            assertThat(catchThrowable(() -> blocking(() -> ran.set(true)))).isInstanceOf(Cancelled.class);
        });

        assertThat(ran).isFalse();
    }

    /** Prints how many calls ran at a time. */
    static final class FewThreads {
        public static void main(String[] arguments) {
            AtomicInteger inside = new AtomicInteger();
            AtomicInteger most = new AtomicInteger();
            CountDownLatch open = new CountDownLatch(1);
            TaskGroup.run(group -> {
                for (int i = 0; i < 20; i++) {
                    group.start(() -> blocking(() -> {
                        most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                        Polling.uninterruptibly(open);
                        inside.decrementAndGet();
                    }));
                }
                Polling.until("three are inside", () -> inside.get() == 3);
                open.countDown();
            });
            System.out.println("most " + most);
        }
    }

    @Test
    void a_property_says_how_many_run_at_a_time() throws Exception {
        try (ChildJvm child = new ChildJvm(FewThreads.class, "-Dyibu.blocking.threads=3")) {
            assertThat(child.readToEnd()).containsExactly("most 3");
            assertThat(child.exitStatus()).isZero();
        }
    }

    @Test
    void calls_of_tasks_inside_calls_get_on_although_all_places_are_taken() {
        AtomicInteger begun = new AtomicInteger();
        List<Integer> sums = run(() -> gather(
                IntStream.range(0, 2 * THREADS).boxed().toList(),
                i -> blocking(() -> {
                    begun.incrementAndGet();
                    Polling.until("the pool is full", () -> begun.get() >= THREADS);
                    List<Integer> all = gather(
                            () -> blocking(() -> i),
                            () -> blocking(() -> gather(() -> blocking(() -> 1), () -> blocking(() -> 2))
                                    .getLast()),
                            () -> createTask(() -> blocking(() -> 3)).await());
                    return all.stream().mapToInt(Integer::intValue).sum();
                })));

        assertThat(sums)
                .isEqualTo(IntStream.range(0, 2 * THREADS).mapToObj(i -> i + 5).toList());
    }
}
