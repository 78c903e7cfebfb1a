package dev.yibu.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** On real threads: whoever is met has been met once. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class MeetingTest {
    private static final int ITEMS = 20_000;

    private final Meeting<Integer> meeting = new Meeting<>();

    private static <T> FutureTask<T> begin(Callable<T> body) {
        FutureTask<T> task = new FutureTask<>(body);
        Thread.ofPlatform().daemon().start(task);
        return task;
    }

    @Test
    void who_is_alone_goes_away_with_what_he_has_brought() {
        assertThat(meeting.give(1)).isFalse();
        assertThat(meeting.take()).isNull();
        assertThat(meeting.give(2)).isFalse();
    }

    @Test
    void each_item_passes_once_while_the_place_is_closed_and_opened() throws Exception {
        AtomicInteger left = new AtomicInteger(2 * ITEMS);
        ConcurrentLinkedQueue<Integer> taken = new ConcurrentLinkedQueue<>();
        List<FutureTask<?>> all = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            int first = i * ITEMS;
            all.add(begin(() -> {
                for (int item = first; item < first + ITEMS; item++) {
                    while (!meeting.give(item)) {
                        Thread.yield();
                    }
                }
                return null;
            }));
            all.add(begin(() -> {
                while (left.get() > 0) {
                    Integer item = meeting.take();
                    if (item == null) {
                        Thread.yield();
                    } else {
                        taken.add(item);
                        left.decrementAndGet();
                    }
                }
                return null;
            }));
        }
        while (left.get() > 0) {
            meeting.close();
            meeting.open();
            Thread.yield();
        }
        for (FutureTask<?> each : all) {
            each.get();
        }
        assertThat(taken)
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, 2 * ITEMS).boxed().toList());
    }

    @Test
    void nobody_meets_while_it_is_closed() throws Exception {
        AtomicInteger tries = new AtomicInteger();
        for (int round = 0; round < 200; round++) {
            AtomicInteger given = new AtomicInteger();
            AtomicInteger end = new AtomicInteger();
            FutureTask<?> giver = begin(() -> {
                while (end.get() == 0) {
                    if (meeting.give(1)) {
                        given.incrementAndGet();
                    }
                    tries.incrementAndGet();
                }
                return null;
            });
            int before = tries.get();
            while (tries.get() == before) {
                Thread.onSpinWait();
            }
            meeting.close();
            for (int i = 0; i < 100; i++) {
                assertThat(meeting.take()).isNull();
            }
            end.set(1);
            giver.get();
            assertThat(given).hasValue(0);
            meeting.open();
        }
    }
}
