package dev.yibu;

import static dev.yibu.Async.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 40, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ForEachTest {
    private static final Duration LONG = Duration.ofHours(1);

    @Test
    void it_runs_the_action_on_all_items_and_returns_when_all_have_ended() {
        Queue<Integer> seen = new ConcurrentLinkedQueue<>();
        List<Integer> items = IntStream.range(0, 2000).boxed().toList();

        forEach(items, item -> {
            checkpoint();
            seen.add(item);
        });

        assertThat(seen).containsExactlyInAnyOrderElementsOf(items);
    }

    @Test
    void it_runs_all_at_the_same_time() throws Exception {
        CyclicBarrier together = new CyclicBarrier(20);

        forEach(IntStream.range(0, 20).boxed().toList(), _ -> together.await());

        assertThat(together.getNumberWaiting()).isZero();
    }

    @Test
    void of_nothing_it_returns() {
        forEach(List.of(), _ -> {
            throw new AssertionError("there is nothing");
        });
    }

    @Test
    void a_checked_exception_of_the_action_reaches_the_caller() {
        IOException failure = new IOException("it broke");
        AtomicReference<Task<?>> other = new AtomicReference<>();
        Throwable caught = null;
        try {
            forEach(List.of("other", "failing"), item -> {
                if (item.equals("failing")) {
                    Polling.until("the other has begun", () -> other.get() != null);
                    throw failure;
                }
                other.set(currentTask());
                sleep(LONG);
            });
        } catch (IOException e) {
            caught = e;
        }

        assertThat(caught).isSameAs(failure);
        assertThat(other.get().isCancelled()).isTrue();
    }

    @Test
    void null_items_are_passed_to_the_action() {
        Queue<String> seen = new ConcurrentLinkedQueue<>();

        forEach(Arrays.asList("a", null), item -> seen.add(String.valueOf(item)));

        assertThat(seen).containsExactlyInAnyOrder("a", "null");
    }

    @Test
    void an_iterable_that_throws_ends_what_was_started() {
        IllegalStateException failure = new IllegalStateException("the iterator broke");
        AtomicReference<Task<?>> started = new AtomicReference<>();
        Iterable<Integer> broken = () -> IntStream.range(0, 2)
                .peek(i -> {
                    if (i == 1) {
                        Polling.until("the first has begun", () -> started.get() != null);
                        throw failure;
                    }
                })
                .iterator();
        assertThatThrownBy(() -> forEach(broken, _ -> {
                    started.set(currentTask());
                    sleep(LONG);
                }))
                .isSameAs(failure);

        assertThat(started.get().isCancelled()).isTrue();
    }
}
