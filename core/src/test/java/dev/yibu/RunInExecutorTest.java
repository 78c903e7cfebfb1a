package dev.yibu;

import static dev.yibu.Async.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.yibu.lowlevel.Strand;
import java.io.IOException;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 40, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RunInExecutorTest {
    private static final Duration LONG = Duration.ofHours(1);
    private static final ContextVar<String> USER = ContextVar.withDefault("user", "nobody");

    private static ThreadPoolExecutor oneThread() {
        return new ThreadPoolExecutor(
                1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), r -> new Thread(r, "mine"));
    }

    @Test
    void it_runs_in_the_executor_and_returns_the_value() {
        try (ExecutorService executor = oneThread()) {
            String name = USER.where(
                    "alice",
                    () -> runInExecutor(executor, () -> Thread.currentThread().getName() + " sees " + USER.get()));

            assertThat(name).isEqualTo("mine sees alice");
            runInExecutor(executor, () -> assertThat(USER.get()).isEqualTo("nobody"));
        }
    }

    @Test
    void an_exception_of_the_call_is_thrown_as_it_is() {
        IOException failure = new IOException("it broke");
        Throwable caught = null;
        try (ExecutorService executor = oneThread()) {
            try {
                runInExecutor(executor, () -> {
                    throw failure;
                });
            } catch (IOException e) {
                caught = e;
            }
        }

        assertThat(caught).isSameAs(failure);
    }

    @Test
    void a_rejection_is_thrown_as_it_is_and_leaves_the_caller_as_it_was() {
        ExecutorService executor = oneThread();
        executor.shutdown();
        AtomicReference<Throwable> met = new AtomicReference<>();
        TaskGroup.run(group -> {
            Task<?> caller = group.start("caller", () -> {
                assertThatThrownBy(() -> runInExecutor(executor, () -> 1))
                        .isInstanceOf(RejectedExecutionException.class);
                met.set(catchThrowable(() -> sleep(LONG)));
                checkpoint();
            });
            Polling.untilWaiting("caller");
            caller.cancel();
        });

        assertThat(met.get()).isInstanceOf(Cancelled.class);
    }

    @Test
    void a_same_thread_executor_works() throws IOException {
        run(() -> {
            Thread caller = Thread.currentThread();
            Strand strand = Strand.current();
            assertThat(runInExecutor(Runnable::run, Thread::currentThread)).isSameAs(caller);
            assertThat(Strand.current()).isSameAs(strand);
            IOException failure = new IOException("it broke");
            assertThatThrownBy(() -> runInExecutor(Runnable::run, () -> {
                        throw failure;
                    }))
                    .isSameAs(failure);
            assertThat(gather(() -> runInExecutor(Runnable::run, () -> gather(() -> 1, () -> 2))))
                    .singleElement()
                    .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.LIST)
                    .containsExactly(1, 2);
        });
    }

    @Test
    void a_running_call_is_not_interrupted_on_the_callers_own_thread_either() {
        AtomicReference<Boolean> interrupted = new AtomicReference<>();
        AtomicReference<Throwable> inside = new AtomicReference<>();
        TaskGroup.run(group -> {
            CountDownLatch begun = new CountDownLatch(1);
            CountDownLatch cancelled = new CountDownLatch(1);
            Task<?> caller = group.start(
                    "caller",
                    () -> runInExecutor(Runnable::run, () -> {
                        begun.countDown();
                        Polling.uninterruptibly(cancelled);
                        // An interrupt comes from a thread of its own: give it the time that a socket's connection
                        // takes.
                        for (int i = 0; i < 20_000 && !Thread.currentThread().isInterrupted(); i++) {
                            Thread.yield();
                        }
                        interrupted.set(Thread.currentThread().isInterrupted());
                        inside.set(catchThrowable(Async::checkpoint));
                        checkpoint();
                    }));
            Polling.uninterruptibly(begun);
            caller.cancel("enough");
            cancelled.countDown();
            assertThatThrownBy(caller::await)
                    .isInstanceOf(CancellationException.class)
                    .hasMessageContaining("enough");
        });

        assertThat(inside.get()).isInstanceOf(Cancelled.class).hasMessage("enough");
        assertThat(interrupted).hasValue(false);
    }

    @Test
    void a_queued_call_that_is_cancelled_is_removed_from_the_queue_of_a_thread_pool() {
        AtomicBoolean ran = new AtomicBoolean();
        try (ThreadPoolExecutor executor = oneThread()) {
            CountDownLatch open = new CountDownLatch(1);
            executor.execute(() -> Polling.uninterruptibly(open));
            TaskGroup.run(group -> {
                Task<?> queued = group.start("queued", () -> runInExecutor(executor, () -> ran.set(true)));
                Polling.untilWaiting("queued");
                assertThat(executor.getQueue()).hasSize(1);
                queued.cancel();
                assertThatThrownBy(queued::await).isInstanceOf(CancellationException.class);
                assertThat(executor.getQueue()).isEmpty();
            });
            open.countDown();
        }

        assertThat(ran).isFalse();
    }

    @Test
    void a_queued_call_that_is_cancelled_never_runs_in_any_executor() {
        AtomicBoolean ran = new AtomicBoolean();
        Queue<Runnable> queue = new ConcurrentLinkedQueue<>();
        TaskGroup.run(group -> {
            Task<?> queued = group.start("queued", () -> runInExecutor(queue::add, () -> ran.set(true)));
            Polling.untilWaiting("queued");
            queued.cancel();
            assertThatThrownBy(queued::await).isInstanceOf(CancellationException.class);
        });
        queue.remove().run();

        assertThat(ran).isFalse();
    }

    @Test
    void a_call_that_an_executor_runs_twice_runs_once() {
        Queue<String> runs = new ConcurrentLinkedQueue<>();
        runInExecutor(
                work -> {
                    work.run();
                    work.run();
                },
                () -> {
                    runs.add("ran");
                });

        assertThat(runs).containsExactly("ran");
    }

    @Test
    void a_running_call_is_waited_for_and_its_value_is_returned() {
        AtomicReference<String> value = new AtomicReference<>();
        AtomicReference<Boolean> interrupted = new AtomicReference<>();
        try (ExecutorService executor = oneThread()) {
            TaskGroup.run(group -> {
                CountDownLatch begun = new CountDownLatch(1);
                CountDownLatch open = new CountDownLatch(1);
                Task<?> caller = group.start("caller", () -> {
                    value.set(runInExecutor(executor, () -> {
                        begun.countDown();
                        Polling.uninterruptibly(open);
                        interrupted.set(Thread.currentThread().isInterrupted());
                        return "the value";
                    }));
                    checkpoint();
                });
                Polling.uninterruptibly(begun);
                Polling.untilWaiting("caller");
                caller.cancel();
                open.countDown();
                assertThatThrownBy(caller::await).isInstanceOf(CancellationException.class);
            });
        }

        assertThat(value).hasValue("the value");
        assertThat(interrupted).hasValue(false);
    }

    @Test
    void a_race_of_the_start_with_a_cancel_either_runs_the_call_or_takes_it_back() {
        try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
            for (int round = 0; round < 500; round++) {
                AtomicBoolean ran = new AtomicBoolean();
                AtomicBoolean returned = new AtomicBoolean();
                TaskGroup.run(group -> {
                    Task<?> caller = group.start(() -> {
                        runInExecutor(executor, () -> ran.set(true));
                        returned.set(true);
                    });
                    caller.cancel();
                });
                assertThat(returned.get()).isEqualTo(ran.get());
            }
        }
    }

    @Test
    void an_interrupt_of_the_executors_thread_cancels_the_call_and_not_the_caller() {
        ExecutorService executor = oneThread();
        TaskGroup.run(group -> {
            CountDownLatch begun = new CountDownLatch(1);
            AtomicReference<Throwable> met = new AtomicReference<>();
            Task<?> caller = group.start(() -> {
                met.set(catchThrowable(() -> runInExecutor(executor, () -> {
                    begun.countDown();
                    sleep(LONG);
                })));
                checkpoint();
            });
            Polling.uninterruptibly(begun);
            executor.shutdownNow();
            caller.await();

            assertThat(met.get()).isInstanceOf(CancellationException.class);
        });
    }
}
