package dev.yibu.tests;

import static dev.yibu.Async.asCompleted;
import static dev.yibu.Async.asCompletedOutcomes;
import static dev.yibu.Async.checkpoint;
import static dev.yibu.Async.currentTask;
import static dev.yibu.Async.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.CancelReason;
import dev.yibu.Coroutine;
import dev.yibu.Outcome;
import dev.yibu.Task;
import dev.yibu.TaskGroup;
import dev.yibu.lowlevel.CancelScope;
import dev.yibu.lowlevel.Strand;
import dev.yibu.sync.Event;
import dev.yibu.testkit.Explore;
import dev.yibu.testkit.ForeignLatch;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** Places where two parties pass each other between two accesses, which real threads hit too seldom to rely on it. */
@Explore(
        seeds = 2_000,
        everywhere = true,
        everyAccessOf = {"dev.yibu", "dev.yibu.lowlevel"})
class ExploredNarrowRacesTest {
    private static final int ITEMS = 6;

    private static final CancelReason REASON = new CancelReason(CancelReason.Kind.REQUESTED, "enough");

    private static final class Region extends CancelScope {
        Region(Strand strand) {
            super(strand);
        }
    }

    private final List<Task<?>> workers = new CopyOnWriteArrayList<>(); // cancelled by one while others come
    private Region outer;
    private Region inner;
    private boolean entered;
    private boolean interrupted;

    @Test
    void a_result_that_is_ready_while_the_iteration_begins_to_wait_is_yielded_although_others_still_run() {
        Event firstIsTaken = Event.create();
        Coroutine<Integer, RuntimeException> first = () -> 1;
        Coroutine<Integer, RuntimeException> second = () -> {
            firstIsTaken.await();
            return 2;
        };
        List<Integer> results = new ArrayList<>();

        run(() -> {
            for (int result : asCompleted(first, second)) {
                results.add(result);
                firstIsTaken.set();
            }
        });

        assertThat(results).containsExactly(1, 2);
    }

    /** The baton of the workers is released while the one who is next in line is cancelled. */
    @Test
    void a_worker_that_is_cancelled_while_its_turn_comes_does_not_keep_it() {
        int told = run(() -> {
            int count = 0;
            for (Outcome<Integer> _ : asCompletedOutcomes(this::items, 2, item -> {
                workers.add(currentTask());
                return item;
            })) {
                count++;
            }
            return count;
        });

        assertThat(told).isGreaterThanOrEqualTo(ITEMS);
    }

    @Test
    void two_cancellations_while_their_scopes_are_left_leave_no_interrupt() {
        run(() -> TaskGroup.run(group -> {
            group.start("leaver", () -> {
                Strand self = Objects.requireNonNull(Strand.current());
                outer = new Region(self);
                outer.enter();
                inner = new Region(self);
                inner.enter();
                assertThat(inner.leave(null)).isNull();
                assertThat(outer.leave(null)).isNull();
                assertThat(Thread.currentThread().isInterrupted()).isFalse();
            });
            group.start("canceller", () -> {
                while (inner == null) {
                    checkpoint();
                }
                inner.cancel(REASON);
            });
            group.start("other canceller", () -> {
                while (inner == null) {
                    checkpoint();
                }
                outer.cancel(REASON);
            });
        }));
    }

    @Test
    void a_second_cancellation_interrupts_although_the_first_interrupter_is_not_done() {
        run(() -> TaskGroup.run(group -> {
            group.start("reader", () -> {
                Strand self = Objects.requireNonNull(Strand.current());
                outer = new Region(self);
                outer.enter();
                inner = new Region(self);
                inner.enter();
                entered = true;
                assertThatThrownBy(new ForeignLatch("a read")::await).isInstanceOf(InterruptedException.class);
                interrupted = true;
                assertThatThrownBy(new ForeignLatch("another read")::await).isInstanceOf(InterruptedException.class);
                assertThat(inner.leave(null)).isNull();
                assertThat(outer.leave(null)).isNull();
            });
            group.start("canceller", () -> {
                while (!entered) {
                    checkpoint();
                }
                inner.cancel(REASON);
            });
            group.start("other canceller", () -> {
                while (!interrupted) {
                    checkpoint();
                }
                outer.cancel(REASON);
            });
        }));
    }

    /** In the middle of them it cancels all other workers. */
    private Iterator<Integer> items() {
        return new Iterator<>() {
            private int next;

            @Override
            public boolean hasNext() {
                return next < ITEMS;
            }

            @Override
            public Integer next() {
                if (next == ITEMS / 2) {
                    String self = currentTask().name();
                    workers.stream()
                            .filter(worker -> !worker.name().equals(self))
                            .forEach(worker -> worker.cancel("x"));
                }
                return next++;
            }
        };
    }
}
