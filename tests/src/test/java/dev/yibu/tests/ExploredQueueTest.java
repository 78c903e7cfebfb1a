package dev.yibu.tests;

import static dev.yibu.Async.checkpoint;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.Task;
import dev.yibu.TaskGroup;
import dev.yibu.sync.Queue;
import dev.yibu.sync.QueueShutdownException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Queues: what was put is got once, in order, or left in the queue; what is over is over for all. */
class ExploredQueueTest {

    @Nested
    @AtRandom
    class Randomly extends Rules {}

    @Nested
    @ByPriority
    class WithPriorities extends Rules {}

    @Nested
    @BetweenAllAccesses
    class BetweenTwoAccesses extends Rules {}

    abstract static class Rules extends ExploredRules {
        private final List<Integer> put = new ArrayList<>();
        private final List<Integer> got = new ArrayList<>();
        private Queue<Integer> queue = Queue.fifo(1);

        private void put(int item) {
            queue.put(item);
            put.add(item);
        }

        private void get() {
            got.add(queue.get());
        }

        private void getAll() {
            try {
                for (; ; ) {
                    get();
                    queue.taskDone();
                }
            } catch (QueueShutdownException end) {
                assertThat(queue.size()).isZero();
            }
        }

        private List<Integer> gotOf(int tens) {
            return got.stream().filter(item -> item / 10 == tens).toList();
        }

        @Test
        void each_item_is_got_once_though_putters_and_getters_are_cancelled() {
            TaskGroup.run(group -> {
                Task<?> first = group.start("first", () -> {
                    put(1);
                    put(2);
                });
                Task<?> doomed = group.start("doomed putter", () -> {
                    put(11);
                    put(12);
                });
                Task<?> getter = group.start("doomed getter", () -> {
                    try {
                        get();
                    } catch (QueueShutdownException end) {
                        assertThat(queue.size()).isZero();
                    }
                });
                group.start("getter", this::getAll);
                group.start("canceller", () -> {
                    doomed.cancel("enough");
                    getter.cancel("enough");
                });
                first.await();
                while (!doomed.isDone()) {
                    checkpoint();
                }
                queue.shutdown();
            });
            assertThat(got).containsExactlyInAnyOrderElementsOf(put);
            assertThat(put).contains(1, 2);
        }

        @Test
        void items_of_one_putter_come_in_their_order() {
            TaskGroup.run(group -> {
                Task<?> first = group.start("first", () -> {
                    put(1);
                    put(2);
                    put(3);
                });
                Task<?> second = group.start("second", () -> {
                    put(11);
                    put(12);
                });
                group.start("getter", this::getAll);
                first.await();
                second.await();
                queue.shutdown();
            });
            assertThat(gotOf(0)).containsExactly(1, 2, 3);
            assertThat(gotOf(1)).containsExactly(11, 12);
        }

        @Test
        void a_put_that_meets_the_shutdown_fails_and_its_item_reaches_nobody() {
            TaskGroup.run(group -> {
                for (int i = 0; i < 3; i++) {
                    int item = i;
                    group.start("putter " + i, () -> {
                        try {
                            put(item);
                        } catch (QueueShutdownException refused) {
                            assertThat(queue.statistics().isShutdown()).isTrue();
                        }
                    });
                }
                group.start("getter", this::getAll);
                group.start("another getter", this::getAll);
                queue.shutdown();
            });
            assertThat(got).containsExactlyInAnyOrderElementsOf(put);
        }

        @Test
        void an_immediate_shutdown_throws_items_away_and_ends_all_waits() {
            queue = Queue.fifo(2);
            TaskGroup.run(group -> {
                for (int i = 0; i < 3; i++) {
                    int item = i;
                    group.start("putter " + i, () -> {
                        try {
                            put(item);
                        } catch (QueueShutdownException refused) {
                            assertThat(queue.statistics().isShutdown()).isTrue();
                        }
                    });
                }
                group.start("getter", this::getAll);
                group.start("joiner", queue::join);
                queue.shutdown(true);
            });
            assertThat(put).containsAll(got);
            assertThat(got).doesNotHaveDuplicates();
            assertThat(queue.statistics()).isEqualTo(new Queue.Statistics(0, 2, 0, 0, 0, true));
        }

        @Test
        void who_joins_goes_on_when_all_has_been_done_and_not_before() {
            List<Integer> done = new ArrayList<>();
            TaskGroup.run(group -> {
                put(1);
                Task<?> doomed = group.start("doomed joiner", queue::join);
                Task<?> worker = group.start("worker", () -> {
                    for (; ; ) {
                        int item = queue.get();
                        checkpoint();
                        done.add(item);
                        queue.taskDone();
                    }
                });
                group.start("joiner", () -> {
                    queue.join();
                    assertThat(done).contains(1);
                });
                group.start("canceller", () -> doomed.cancel("enough"));
                put(2);
                put(3);
                queue.join();
                assertThat(done).containsExactly(1, 2, 3);
                worker.cancel("it has done all");
            });
            assertThat(queue.statistics().unfinished()).isZero();
        }

        @Test
        void who_waits_to_get_longest_is_served_first() {
            TaskGroup.run(group -> {
                List<Task<Integer>> getters = new ArrayList<>();
                for (int i = 0; i < 3; i++) {
                    getters.add(group.start("getter " + i, queue::get));
                    while (queue.statistics().waitingGetters() <= i) {
                        checkpoint();
                    }
                }
                group.start("canceller", () -> getters.get(1).cancel("enough"));
                while (!getters.get(1).isDone()) {
                    checkpoint();
                }
                group.start("putter", () -> {
                    put(1);
                    put(2);
                });
                assertThat(getters.get(0).await()).isEqualTo(1);
                assertThat(getters.get(2).await()).isEqualTo(2);
            });
        }

        @Test
        void the_least_item_is_got_first_whoever_has_put_it() {
            queue = Queue.priority(4, Comparator.naturalOrder());
            TaskGroup.run(group -> {
                group.start("first", () -> {
                    put(3);
                    put(1);
                });
                group.start("second", () -> {
                    put(2);
                    put(0);
                });
            });
            for (int i = 0; i < 4; i++) {
                get();
            }
            assertThat(got).containsExactly(0, 1, 2, 3);
        }

        @Test
        void an_item_that_cannot_be_compared_is_refused_and_disturbs_nobody() {
            queue = Queue.priority(3, (a, b) -> {
                if (a < 0 || b < 0) {
                    throw new IllegalArgumentException("can't be compared");
                }
                return Integer.compare(a, b);
            });
            TaskGroup.run(group -> {
                for (int i = 0; i < 3; i++) {
                    put(i);
                }
                group.start("refused", this::putWhatCannotBeCompared);
                while (queue.statistics().waitingPutters() == 0) {
                    checkpoint();
                }
                group.start("putter", () -> {
                    put(3);
                    put(4);
                });
                Task<?> cancelled = group.start("cancelled", this::putWhatCannotBeCompared);
                group.start("canceller", () -> cancelled.cancel("enough"));
                get();
                get();
            });
            for (int i = 0; i < 3; i++) {
                get();
            }
            assertThat(got).containsExactly(0, 1, 2, 3, 4);
        }

        /** The queue is never empty: there is something to compare it with. */
        private void putWhatCannotBeCompared() {
            try {
                queue.put(-1);
            } catch (IllegalArgumentException e) {
                return;
            }
            throw new AssertionError("it was accepted");
        }

        @Test
        void who_does_not_wait_gets_what_is_there_or_nothing() {
            TaskGroup.run(group -> {
                Task<?> doomed = group.start("doomed", this::get);
                Task<?> putter = group.start("putter", () -> {
                    for (int i = 0; i < 2; i++) {
                        if (queue.tryPut(i)) {
                            put.add(i);
                        }
                    }
                });
                group.start("canceller", () -> doomed.cancel("enough"));
                group.start("getter", () -> queue.tryGet().ifPresent(got::add));
                putter.await();
                while (!doomed.isDone()) {
                    doomed.cancel("enough");
                    checkpoint();
                }
            });
            for (Optional<Integer> left = queue.tryGet(); left.isPresent(); left = queue.tryGet()) {
                got.add(left.get());
            }
            assertThat(got).containsExactlyInAnyOrderElementsOf(put);
            queue.shutdown();
            assertThatThrownBy(queue::tryGet).isInstanceOf(QueueShutdownException.class);
        }

        @AfterEach
        void nobody_waits() {
            assertThat(queue.statistics().waitingGetters()).isZero();
            assertThat(queue.statistics().waitingPutters()).isZero();
        }
    }
}
