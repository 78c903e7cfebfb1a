package dev.yibu.sync;

import static dev.yibu.Async.allTasks;
import static dev.yibu.Async.currentTask;
import static dev.yibu.Async.run;
import static dev.yibu.sync.Select.on;
import static dev.yibu.sync.Select.select;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.Cancelled;
import dev.yibu.Outcome;
import dev.yibu.Task;
import dev.yibu.TaskGroup;
import dev.yibu.TaskInfo;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class QueueTest {

    private static List<Integer> drained(Queue<Integer> queue) {
        List<Integer> items = new ArrayList<>();
        for (Optional<Integer> item = queue.tryGet(); item.isPresent(); item = queue.tryGet()) {
            items.add(item.get());
        }
        return items;
    }

    // ---------------------------------------------------------------- orders

    @Test
    void items_of_a_fifo_queue_come_out_in_the_order_in_which_they_were_put() {
        Queue<Integer> queue = Queue.fifo();
        List.of(3, 1, 2).forEach(queue::put);
        assertThat(drained(queue)).containsExactly(3, 1, 2);
    }

    @Test
    void the_youngest_item_of_a_lifo_queue_comes_out_first() {
        Queue<Integer> queue = Queue.lifo(9);
        List.of(3, 1, 2).forEach(queue::put);
        assertThat(drained(queue)).containsExactly(2, 1, 3);
    }

    @Test
    void the_least_item_of_a_priority_queue_comes_out_first_and_of_equal_ones_the_oldest() {
        Queue<Integer> queue = Queue.priority(99, Comparator.comparing(n -> n / 10));
        List.of(31, 12, 25, 11, 32, 13, 10).forEach(queue::put);
        assertThat(drained(queue)).containsExactly(12, 11, 13, 10, 25, 31, 32);
    }

    @Test
    void a_putter_that_is_let_in_takes_its_place_in_the_order() {
        Queue<Integer> queue = Queue.priority(2, Comparator.naturalOrder());
        List<Integer> got = new ArrayList<>();
        run(() -> TaskGroup.run(group -> {
            queue.put(5);
            queue.put(7);
            group.start(() -> queue.put(6));
            Until.putters(queue, 1);
            group.start(() -> queue.put(1));
            Until.putters(queue, 2);
            for (int i = 0; i < 4; i++) {
                got.add(queue.get());
            }
        }));
        assertThat(got).containsExactly(5, 6, 1, 7);
    }

    // ---------------------------------------------------------------- waiting

    @Test
    void put_waits_while_the_queue_is_full() {
        Queue<Integer> queue = Queue.fifo(1);
        run(() -> TaskGroup.run(group -> {
            queue.put(1);
            Task<?> putter = group.start(() -> queue.put(2));
            Until.putters(queue, 1);
            assertThat(queue.size()).isEqualTo(1);

            assertThat(queue.get()).isEqualTo(1);
            putter.await();
            assertThat(queue.get()).isEqualTo(2);
        }));
    }

    @Test
    void get_waits_while_the_queue_is_empty() {
        Queue<Integer> queue = Queue.fifo();
        run(() -> TaskGroup.run(group -> {
            Task<Integer> getter = group.start(queue::get);
            Until.getters(queue, 1);
            queue.put(1);
            assertThat(queue.size()).as("from hand to hand").isZero();
            assertThat(getter.await()).isEqualTo(1);
        }));
    }

    @Test
    void getters_and_putters_are_served_in_the_order_of_their_arrival() {
        Queue<Integer> queue = Queue.fifo(1);
        List<String> events = new CopyOnWriteArrayList<>();
        run(() -> TaskGroup.run(group -> {
            List<Task<Integer>> getters = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                getters.add(group.start(queue::get));
                Until.getters(queue, i + 1);
            }
            for (int i = 0; i < 5; i++) {
                queue.put(i);
            }
            for (int i = 0; i < 5; i++) {
                assertThat(getters.get(i).await()).isEqualTo(i);
            }
            queue.put(-1);
            for (int i = 0; i < 5; i++) {
                int item = i;
                group.start(() -> queue.put(item));
                Until.putters(queue, i + 1);
            }
            for (int i = 0; i < 6; i++) {
                events.add("" + queue.get());
            }
        }));
        assertThat(events).containsExactly("-1", "0", "1", "2", "3", "4");
    }

    @Test
    void the_try_forms_never_wait_and_are_no_checkpoints() {
        Queue<Integer> queue = Queue.fifo(1);
        assertThatThrownBy(() -> run(() -> {
                    currentTask().cancel();
                    assertThat(queue.tryGet()).isEmpty();
                    assertThat(queue.tryPut(1)).isTrue();
                    assertThat(queue.tryPut(2)).isFalse();
                    assertThat(queue.tryGet()).contains(1);
                    assertThatThrownBy(queue::get).isInstanceOf(Cancelled.class);
                    assertThatThrownBy(() -> queue.put(1)).isInstanceOf(Cancelled.class);
                    queue.get();
                }))
                .isInstanceOf(CancellationException.class);
        assertThat(queue.size()).isZero();
    }

    @Test
    void a_try_form_serves_those_who_wait() {
        Queue<Integer> queue = Queue.fifo(1);
        run(() -> TaskGroup.run(group -> {
            Task<Integer> getter = group.start(queue::get);
            Until.getters(queue, 1);
            assertThat(queue.tryPut(1)).isTrue();
            assertThat(getter.await()).isEqualTo(1);

            queue.put(2);
            Task<?> putter = group.start(() -> queue.put(3));
            Until.putters(queue, 1);
            assertThat(queue.tryGet()).contains(2);
            putter.await();
            assertThat(queue.tryGet()).contains(3);
        }));
    }

    // ---------------------------------------------------------------- cancellation

    @Test
    void a_cancelled_getter_has_taken_nothing_and_its_successor_gets_the_item() {
        Queue<Integer> queue = Queue.fifo(9);
        run(() -> TaskGroup.run(group -> {
            Task<Integer> first = group.start(queue::get);
            Until.getters(queue, 1);
            Task<Integer> second = group.start(queue::get);
            Until.getters(queue, 2);
            first.cancel();
            queue.put(1);
            Outcome<Integer> ended = select(on(first.awaitingOutcome(), outcome -> outcome));
            if (ended instanceof Outcome.Success<Integer>(Integer got)) { // it had not noticed yet
                assertThat(got).isEqualTo(1);
                queue.put(1);
            }
            assertThat(second.await()).isEqualTo(1);
            assertThat(queue.statistics())
                    .isEqualTo(
                            new Queue.Statistics(0, 9, 0, 0, queue.statistics().unfinished(), false));
        }));
    }

    @Test
    void the_item_of_a_cancelled_putter_is_not_in_the_queue() {
        Queue<Integer> queue = Queue.fifo(1);
        run(() -> TaskGroup.run(group -> {
            queue.put(0);
            Task<?> first = group.start(() -> queue.put(1));
            Until.putters(queue, 1);
            Task<?> second = group.start(() -> queue.put(2));
            Until.putters(queue, 2);
            first.cancel();
            Until.putters(queue, 1);
            assertThat(queue.get()).isZero();
            second.await();
            assertThat(queue.get()).isEqualTo(2);
            assertThat(queue.statistics().unfinished()).isEqualTo(2);
        }));
    }

    // ---------------------------------------------------------------- what has been done

    @Test
    void join_waits_until_each_item_is_done() {
        Queue<Integer> queue = Queue.fifo(2);
        List<Object> done = new CopyOnWriteArrayList<>();
        run(() -> TaskGroup.run(group -> {
            queue.join(); // nothing to do
            group.start(() -> {
                for (int i = 0; i < 20; i++) {
                    Integer item = queue.get();
                    done.add(item);
                    queue.taskDone();
                }
            });
            for (int i = 0; i < 20; i++) {
                queue.put(i);
            }
            queue.join();
            done.add("joined");
        }));
        assertThat(done).hasSize(21).endsWith("joined");
    }

    @Test
    void an_item_that_was_got_but_not_reported_holds_up_every_joiner() {
        Queue<Integer> queue = Queue.fifo();
        run(() -> TaskGroup.run(group -> {
            queue.put(1);
            queue.get();
            List<Task<?>> joiners = List.of(group.start(queue::join), group.start(queue::join));
            Until.holds(() -> allTasks().stream()
                            .flatMap(task -> task.waitingFor().stream())
                            .filter("a queue's items to be done"::equals)
                            .count()
                    == 2);
            Task<?> cancelled = group.start(queue::join);
            cancelled.cancel();
            assertThat(joiners).noneMatch(Task::isDone);
            queue.taskDone();
            joiners.forEach(Task::await);
        }));
    }

    @Test
    void to_report_more_than_was_put_is_an_error() {
        Queue<Integer> queue = Queue.fifo("jobs", 5);
        queue.put(1);
        queue.taskDone();
        assertThatIllegalStateException()
                .isThrownBy(queue::taskDone)
                .withMessage("taskDone() was called more often than items were put into queue \"jobs\"");
    }

    // ---------------------------------------------------------------- shutdown

    @Test
    void after_a_shutdown_puts_fail_at_once_and_gets_drain_and_then_end() {
        Queue<Integer> queue = Queue.fifo("jobs", 5);
        queue.put(1);
        queue.put(2);
        queue.shutdown();
        queue.shutdown();

        assertThatThrownBy(() -> queue.put(3))
                .isInstanceOf(QueueShutdownException.class)
                .hasMessage("queue \"jobs\" is shut down; nothing can be put into it any more");
        assertThatThrownBy(() -> queue.tryPut(3)).isInstanceOf(QueueShutdownException.class);
        assertThat(queue.get()).isEqualTo(1);
        assertThat(queue.tryGet()).contains(2);
        assertThatThrownBy(queue::get)
                .isInstanceOf(QueueShutdownException.class)
                .hasMessage("queue \"jobs\" is shut down, and empty");
        assertThatThrownBy(queue::tryGet).isInstanceOf(QueueShutdownException.class);
        assertThat(queue.statistics()).isEqualTo(new Queue.Statistics(0, 5, 0, 0, 2, true));
    }

    @Test
    void a_shutdown_ends_those_who_wait() {
        Queue<Integer> empty = Queue.fifo(1);
        Queue<Integer> full = Queue.fifo(1);
        run(() -> TaskGroup.run(group -> {
            full.put(1);
            List<Task<?>> getters = List.of(group.start(() -> ended(empty::get)), group.start(() -> ended(empty::get)));
            List<Task<?>> putters =
                    List.of(group.start(() -> ended(() -> full.put(2))), group.start(() -> ended(() -> full.put(3))));
            Until.getters(empty, 2);
            Until.putters(full, 2);
            empty.shutdown();
            full.shutdown();
            getters.forEach(Task::await);
            putters.forEach(Task::await);
            assertThat(drainedUntilShutdown(full)).containsExactly(1);
        }));
    }

    private static void ended(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(QueueShutdownException.class);
    }

    private static List<Integer> drainedUntilShutdown(Queue<Integer> queue) {
        List<Integer> items = new ArrayList<>();
        try {
            for (; ; ) {
                items.add(queue.get());
            }
        } catch (QueueShutdownException end) {
            return items;
        }
    }

    @Test
    void an_immediate_shutdown_drains_the_queue_and_counts_the_drained_as_done() {
        Queue<Integer> queue = Queue.fifo();
        run(() -> TaskGroup.run(group -> {
            IntStream.range(0, 5).forEach(queue::put);
            queue.get(); // somebody works on it
            Task<?> joiner = group.start(queue::join);
            queue.shutdown();
            assertThat(queue.size()).isEqualTo(4);
            queue.shutdown(true);
            assertThat(queue.size()).isZero();
            assertThat(queue.statistics().unfinished()).isEqualTo(1);
            ended(queue::get);
            assertThat(joiner.isDone()).isFalse();
            queue.taskDone();
            joiner.await();
        }));
    }

    @Test
    void an_immediate_shutdown_ends_a_join_that_waits_for_the_drained_only() {
        Queue<Integer> queue = Queue.fifo();
        run(() -> TaskGroup.run(group -> {
            queue.put(1);
            Task<?> joiner = group.start(queue::join);
            queue.shutdown(true);
            joiner.await();
        }));
    }

    // ---------------------------------------------------------------- what others see

    @Test
    void a_listing_shows_what_a_task_waits_for() {
        Queue<Integer> jobs = Queue.fifo("jobs", 1);
        run(() -> TaskGroup.run(group -> {
            Task<Integer> getter = group.start(jobs::get);
            Until.getters(jobs, 1);
            assertThat(waits()).containsExactly("queue \"jobs\" to have an item");
            jobs.put(1);
            getter.await();
            jobs.put(2);
            Task<?> putter = group.start(() -> jobs.put(3));
            Until.putters(jobs, 1);
            assertThat(waits()).containsExactly("queue \"jobs\" to have room");
            putter.cancel();
        }));
    }

    private static List<String> waits() {
        List<String> waits = new ArrayList<>();
        Until.holds(() -> {
            waits.clear();
            allTasks().stream()
                    .map(TaskInfo::waitingFor)
                    .flatMap(Optional::stream)
                    .filter(on -> on.contains("jobs"))
                    .forEach(waits::add);
            return !waits.isEmpty();
        });
        return waits;
    }

    @Test
    void threads_that_are_no_tasks_can_use_it() {
        Queue<Integer> queue = Queue.fifo(1);
        queue.put(1);
        Thread putter = Thread.ofPlatform().daemon().start(() -> queue.put(2));
        assertThat(queue.get()).isEqualTo(1);
        assertThat(queue.get()).isEqualTo(2);
        queue.taskDone();
        queue.taskDone();
        queue.join();
        assertThat(putter).isNotNull();
    }

    @Test
    void bad_input_gets_a_clear_error() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Queue.fifo(0))
                .withMessage("the queue's size is 0; it must have room for an item, or be Queue.UNLIMITED");
        assertThatNullPointerException()
                .isThrownBy(() -> Queue.fifo().put(null))
                .withMessage("item");
        assertThatNullPointerException()
                .isThrownBy(() -> Queue.fifo().tryPut(null))
                .withMessage("item");
        assertThatNullPointerException()
                .isThrownBy(() -> Queue.priority(1, null))
                .withMessage("order");
        assertThatNullPointerException().isThrownBy(() -> Queue.fifo(null, 1)).withMessage("name");
    }

    /** An order in which the item -1 has no place. */
    private static final Comparator<Integer> PARTIAL = (a, b) -> {
        if (a < 0 || b < 0) {
            throw new IllegalArgumentException("can't be compared");
        }
        return Integer.compare(a, b);
    };

    @Test
    void an_item_that_cannot_be_compared_is_refused_to_its_putter_although_it_had_to_wait() {
        Queue<Integer> queue = Queue.priority(2, PARTIAL);
        queue.put(1);
        queue.put(2);
        List<Integer> got = new ArrayList<>();
        TaskGroup.run(group -> {
            Task<?> refused = group.start(() -> assertThatIllegalArgumentException()
                    .isThrownBy(() -> queue.put(-1))
                    .withMessage("can't be compared"));
            Until.putters(queue, 1);
            Task<?> selected = group.start(() ->
                    assertThatIllegalArgumentException().isThrownBy(() -> select(on(queue.putting(-1), () -> "put"))));
            Until.putters(queue, 2);
            Task<?> accepted = group.start(() -> queue.put(3));
            Until.putters(queue, 3);
            got.add(queue.get());
            refused.await();
            selected.await();
            accepted.await();
        });
        assertThat(queue.size()).isEqualTo(2);
        got.add(queue.get());
        got.add(queue.get());
        assertThat(got).containsExactly(1, 2, 3);
        assertThat(queue.statistics().unfinished()).isEqualTo(3);
    }

    @Test
    void a_comparison_that_fails_loses_no_item() {
        AtomicBoolean fails = new AtomicBoolean();
        Random random = new Random(20261126);
        Queue<Integer> queue = Queue.priority(Queue.UNLIMITED, (a, b) -> {
            if (fails.get() && random.nextInt(3) == 0) {
                throw new IllegalArgumentException("can't be compared");
            }
            return Integer.compare(a, b);
        });
        PriorityQueue<Integer> expected = new PriorityQueue<>();
        for (int i = 0; i < 20_000; i++) {
            fails.set(random.nextBoolean());
            try {
                if (random.nextInt(5) < 3) {
                    int item = random.nextInt(1000);
                    queue.put(item);
                    expected.add(item);
                } else if (!expected.isEmpty()) {
                    assertThat(queue.get()).isEqualTo(expected.peek());
                    expected.remove();
                }
            } catch (IllegalArgumentException e) {
                assertThat(fails).isTrue();
            }
            assertThat(queue.size()).isEqualTo(expected.size());
        }
        fails.set(false);
        while (!expected.isEmpty()) {
            assertThat(queue.get()).isEqualTo(expected.remove());
        }
    }

    @Test
    void a_shutdown_does_not_compare_what_it_throws_away() {
        AtomicBoolean fails = new AtomicBoolean();
        Queue<Integer> queue = Queue.priority(9, (a, b) -> {
            assertThat(fails).isFalse();
            return Integer.compare(a, b);
        });
        for (int i = 0; i < 9; i++) {
            queue.put(i);
        }
        fails.set(true);
        queue.shutdown(true);
        assertThat(queue.size()).isZero();
        queue.join();
    }
}
