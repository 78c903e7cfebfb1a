package dev.yibu;

import static dev.yibu.Async.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Ownership: who may start tasks, who waits for whom, who is cancelled by whom. */
@Timeout(value = 40, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TaskGroupTest {
    private static final Duration LONG = Duration.ofHours(1);

    @Test
    void a_group_ends_when_all_its_tasks_have_ended() {
        AtomicInteger ended = new AtomicInteger();
        CountDownLatch bodyEnds = new CountDownLatch(1);
        TaskGroup.run(group -> {
            for (int i = 0; i < 100; i++) {
                group.start(() -> {
                    Polling.uninterruptibly(bodyEnds);
                    ended.incrementAndGet();
                });
            }
            bodyEnds.countDown();
        });

        assertThat(ended).hasValue(100);
    }

    @Test
    void call_returns_the_value_of_the_body_when_all_tasks_have_ended() {
        AtomicBoolean ended = new AtomicBoolean();
        CountDownLatch bodyEnds = new CountDownLatch(1);
        String value = TaskGroup.call(group -> {
            group.start(() -> {
                Polling.uninterruptibly(bodyEnds);
                ended.set(true);
            });
            bodyEnds.countDown();
            return "the value";
        });

        assertThat(value).isEqualTo("the value");
        assertThat(ended).isTrue();
    }

    @Test
    void the_body_runs_on_the_calling_thread() {
        AtomicReference<Thread> thread = new AtomicReference<>();
        TaskGroup.run(_ -> thread.set(Thread.currentThread()));

        assertThat(thread).hasValue(Thread.currentThread());
    }

    @Test
    void a_child_that_is_cancelled_on_its_own_leaves_its_group_going_on() {
        String value = TaskGroup.call(group -> {
            Task<?> cancelled = group.start("sleeper", () -> sleep(LONG));
            Task<String> other = group.start(() -> {
                Polling.until("the sibling was cancelled", cancelled::isDone);
                checkpoint();
                return "goes on";
            });
            Polling.untilWaiting("sleeper");
            cancelled.cancel();
            return other.await();
        });

        assertThat(value).isEqualTo("goes on");
    }

    @Test
    void cancel_of_a_group_cancels_body_and_tasks_and_is_a_normal_end_of_run() {
        AtomicReference<Throwable> inTask = new AtomicReference<>();
        AtomicReference<Throwable> inBody = new AtomicReference<>();
        TaskGroup.run(group -> {
            group.start("sleeper", () -> {
                inTask.set(catchThrowable(() -> sleep(LONG)));
                checkpoint();
            });
            Polling.untilWaiting("sleeper");
            assertThat(group.cancel("enough")).isTrue();
            assertThat(group.cancel("more than enough")).isFalse();
            inBody.set(catchThrowable(Async::checkpoint));
            checkpoint();
            throw new AssertionError("a checkpoint let a cancelled body pass");
        });

        assertThat(inTask.get()).isInstanceOf(Cancelled.class).hasMessage("enough");
        assertThat(inBody.get()).isInstanceOf(Cancelled.class).hasMessage("enough");
        checkpoint(); // nothing is left of it outside
    }

    @Test
    void call_of_a_cancelled_group_has_no_value_and_says_so() {
        assertThatThrownBy(() -> TaskGroup.call(GroupOptions.named("workers"), group -> {
                    group.cancel("enough");
                    checkpoint();
                    return "never";
                }))
                .isInstanceOf(CancellationException.class)
                .hasMessageContaining("workers")
                .hasMessageContaining("enough");
    }

    @Test
    void call_of_a_group_that_is_cancelled_when_its_body_has_the_value_returns_it() {
        String value = TaskGroup.call(group -> {
            group.start(() -> sleep(LONG));
            group.cancel("enough");
            return "the value";
        });

        assertThat(value).isEqualTo("the value");
    }

    @Test
    void cancelling_the_owner_cancels_body_and_tasks() {
        Queue<String> cancelled = new ConcurrentLinkedQueue<>();
        TaskGroup.run(outer -> {
            Task<?> owner = outer.start(
                    "owner",
                    () -> TaskGroup.run(inner -> {
                        for (String name : List.of("a", "b")) {
                            inner.start(name, () -> sleepUntilCancelled(name, cancelled));
                        }
                        sleepUntilCancelled("body", cancelled);
                    }));
            Polling.untilWaiting("a");
            Polling.untilWaiting("b");
            Polling.untilWaiting("owner");
            owner.cancel("stop");
            assertThatThrownBy(owner::await).isInstanceOf(CancellationException.class);
            assertThat(cancelled).containsExactlyInAnyOrder("a stop", "b stop", "body stop");
        });
    }

    private static void sleepUntilCancelled(String name, Queue<String> cancelled) {
        try {
            sleep(LONG);
        } catch (Cancelled e) {
            cancelled.add(name + " " + e.getMessage());
            throw e;
        }
    }

    @Test
    void a_parent_that_is_cancelled_again_while_joining_goes_on_joining() {
        CountDownLatch open = new CountDownLatch(1);
        CountDownLatch began = new CountDownLatch(1);
        AtomicBoolean childEnded = new AtomicBoolean();
        AtomicReference<Thread> ownerThread = new AtomicReference<>();
        TaskGroup.run(outer -> {
            Task<?> owner = outer.start("owner", () -> {
                ownerThread.set(Thread.currentThread());
                TaskGroup.run(inner -> {
                    inner.start(() -> {
                        began.countDown();
                        Polling.uninterruptibly(open);
                        childEnded.set(true);
                    });
                    Polling.uninterruptibly(began);
                    inner.cancel("by the body");
                });
            });
            Polling.untilWaiting("owner");
            for (int i = 0; i < 5; i++) {
                owner.cancel("again");
                ownerThread.get().interrupt();
                Thread.yield();
            }
            Polling.untilWaiting("owner");
            assertThat(owner.isDone()).isFalse();
            open.countDown();
            var _ = catchThrowable(owner::await);
            assertThat(childEnded).isTrue();
        });
    }

    @Test
    void
            after_a_child_error_together_with_an_outside_cancel_the_error_is_thrown_and_the_next_checkpoint_throws_cancelled()
                    throws IOException {
        IOException failure = new IOException("it broke");
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        AtomicReference<Throwable> next = new AtomicReference<>();
        TaskGroup.run(outer -> {
            Task<?> owner = outer.start("owner", () -> {
                thrown.set(catchThrowable(() -> TaskGroup.run(inner -> {
                    inner.start("child", () -> {
                        try {
                            sleep(LONG);
                        } finally {
                            failWith(failure);
                        }
                    });
                    sleep(LONG);
                })));
                next.set(catchThrowable(Async::checkpoint));
                checkpoint();
            });
            Polling.untilWaiting("child");
            Polling.untilWaiting("owner");
            owner.cancel("from outside");
            assertThatThrownBy(owner::await).isInstanceOf(CancellationException.class);
        });

        assertThat(thrown.get()).isSameAs(failure);
        assertThat(next.get()).isInstanceOf(Cancelled.class).hasMessage("from outside");
    }

    private static void failWith(IOException failure) throws IOException {
        throw failure;
    }

    @Test
    void a_group_that_completes_although_its_owner_is_cancelled_returns_its_value_and_the_next_checkpoint_throws() {
        AtomicReference<String> value = new AtomicReference<>();
        AtomicReference<Throwable> next = new AtomicReference<>();
        TaskGroup.run(outer -> outer.start(() -> {
            value.set(TaskGroup.call(inner -> {
                CountDownLatch began = new CountDownLatch(1);
                CountDownLatch cancelled = new CountDownLatch(1);
                Task<String> child = inner.start(() -> {
                    began.countDown();
                    Polling.uninterruptibly(cancelled);
                    return "the value";
                });
                Polling.uninterruptibly(began);
                currentTask().cancel();
                cancelled.countDown();
                Polling.until("the child ended", child::isDone);
                return child.resultNow();
            }));
            next.set(catchThrowable(Async::checkpoint));
            checkpoint();
        }));

        assertThat(value).hasValue("the value");
        assertThat(next.get()).isInstanceOf(Cancelled.class);
    }

    // ---------------------------------------------------------------- start

    @Test
    void start_into_a_cancelling_group_yields_a_task_that_is_already_cancelled() {
        AtomicBoolean ran = new AtomicBoolean();
        TaskGroup.run(group -> {
            group.cancel("closing");
            Task<?> task = group.start(() -> ran.set(true));

            assertThat(task.isDone()).isTrue();
            assertThat(task.isCancelled()).isTrue();
            assertThat(task.outcome().orElseThrow())
                    .isInstanceOfSatisfying(
                            Outcome.Cancellation.class,
                            outcome -> assertThat(outcome.reason().message()).isEqualTo("closing"));
            AtomicInteger calls = new AtomicInteger();
            task.onCompletion(_ -> calls.incrementAndGet());
            assertThat(calls).hasValue(1);
        });

        assertThat(ran).isFalse();
    }

    @Test
    void start_into_a_finished_group_is_an_error() {
        AtomicReference<TaskGroup> escaped = new AtomicReference<>();
        TaskGroup.run(escaped::set);

        assertThatThrownBy(() -> escaped.get().start(() -> 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("finished")
                .hasMessageContaining("no task can be started");
    }

    @Test
    void start_into_a_finished_group_that_had_tasks_is_an_error() {
        AtomicReference<TaskGroup> escaped = new AtomicReference<>();
        TaskGroup.run(group -> {
            escaped.set(group);
            group.start(() -> 1);
        });

        assertThatThrownBy(() -> escaped.get().start("late", () -> 1)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void any_child_may_start_siblings_also_while_the_owner_joins() {
        AtomicInteger ran = new AtomicInteger();
        CountDownLatch bodyEnds = new CountDownLatch(1);
        TaskGroup.run(group -> {
            group.start(() -> {
                Polling.uninterruptibly(bodyEnds);
                startTree(group, 6, ran);
            });
            bodyEnds.countDown();
        });

        assertThat(ran).hasValue((1 << 7) - 1);
    }

    private static void startTree(TaskGroup group, int depth, AtomicInteger ran) {
        ran.incrementAndGet();
        for (int i = 0; depth > 0 && i < 2; i++) {
            group.start(() -> startTree(group, depth - 1, ran));
        }
    }

    @Test
    void a_thread_from_outside_may_start_tasks_in_a_group() {
        AtomicInteger ran = new AtomicInteger();
        TaskGroup.run(group -> {
            Thread outside = Thread.ofPlatform().start(() -> group.start(() -> ran.incrementAndGet()));
            Polling.until("it has run", () -> !outside.isAlive() && ran.get() == 1);
        });

        assertThat(ran).hasValue(1);
    }

    @Test
    void many_threads_may_start_tasks_at_the_same_time() {
        AtomicInteger ran = new AtomicInteger();
        TaskGroup.run(group -> {
            for (int i = 0; i < 8; i++) {
                group.start(() -> {
                    for (int k = 0; k < 1000; k++) {
                        group.start(() -> ran.incrementAndGet());
                    }
                });
            }
        });

        assertThat(ran).hasValue(8000);
    }

    @Test
    void a_callback_of_the_last_task_may_still_start_one() {
        AtomicBoolean ran = new AtomicBoolean();
        CountDownLatch open = new CountDownLatch(1);
        TaskGroup.run(group -> {
            Task<?> last = group.start(() -> Polling.uninterruptibly(open));
            last.onCompletion(_ -> group.start(() -> ran.set(true)));
            open.countDown();
        });

        assertThat(ran).isTrue();
    }

    // ---------------------------------------------------------------- listing

    @Test
    void tasks_lists_those_that_have_not_ended_in_the_order_of_their_start() {
        TaskGroup.run(group -> {
            List<Task<?>> started = new ArrayList<>();
            for (String name : List.of("a", "b", "c")) {
                started.add(group.start(name, () -> sleep(LONG)));
            }
            assertThat(group.tasks()).isEqualTo(started);

            started.get(1).cancel();
            Polling.until("the second is gone", () -> group.tasks().size() == 2);
            assertThat(group.tasks()).containsExactly(started.get(0), started.get(2));
            group.cancel("enough");
        });
    }

    @Test
    void tasks_does_not_list_one_that_ended_but_whose_callbacks_still_run() {
        TaskGroup.run(group -> {
            CountDownLatch inCallback = new CountDownLatch(1);
            CountDownLatch open = new CountDownLatch(1);
            CountDownLatch registered = new CountDownLatch(1);
            Task<?> task = group.start(() -> Polling.uninterruptibly(registered));
            task.onCompletion(_ -> {
                inCallback.countDown();
                Polling.uninterruptibly(open);
            });
            registered.countDown();
            Polling.uninterruptibly(inCallback);
            assertThat(task.isDone()).isTrue();
            List<Task<?>> listed = group.tasks();
            open.countDown();

            assertThat(listed).isEmpty();
        });
    }

    @Test
    void a_group_says_its_name() {
        TaskGroup.run(GroupOptions.named("workers"), group -> assertThat(group).hasToString("task group \"workers\""));
        TaskGroup.run(group -> assertThat(group).hasToString("task group"));
    }
}
