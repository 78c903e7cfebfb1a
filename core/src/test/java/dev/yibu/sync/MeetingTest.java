package dev.yibu.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** On real threads. With one processor nobody meets here; simulated worlds see to it that they do. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class MeetingTest {
    private static final int ATTEMPTS = 100_000;

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
        assertThat(meeting.tryGive(3)).isFalse();
        assertThat(meeting.tryTake()).isNull();
    }

    @Test
    void what_was_given_was_taken_once_while_the_place_is_closed_and_opened() throws Exception {
        CountDownLatch givers = new CountDownLatch(2);
        List<FutureTask<List<Integer>>> giving = new ArrayList<>();
        List<FutureTask<List<Integer>>> taking = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            int first = i * ATTEMPTS;
            boolean tries = i == 1;
            giving.add(begin(() -> {
                List<Integer> given = new ArrayList<>();
                for (int item = first; item < first + ATTEMPTS; item++) {
                    if (tries && item % 2 == 0 ? meeting.tryGive(item) : meeting.give(item)) {
                        given.add(item);
                    }
                }
                givers.countDown();
                return given;
            }));
            taking.add(begin(() -> {
                List<Integer> taken = new ArrayList<>();
                for (int n = 0; givers.getCount() > 0; n++) {
                    Integer item = tries && n % 2 == 0 ? meeting.tryTake() : meeting.take();
                    if (item != null) {
                        taken.add(item);
                    }
                }
                return taken;
            }));
        }
        while (givers.getCount() > 0) {
            meeting.close();
            meeting.open();
            Thread.yield();
        }
        assertThat(all(taking)).containsExactlyInAnyOrderElementsOf(all(giving));
    }

    private static List<Integer> all(List<FutureTask<List<Integer>>> lists) throws Exception {
        List<Integer> all = new ArrayList<>();
        for (FutureTask<List<Integer>> each : lists) {
            all.addAll(each.get());
        }
        return all;
    }

    @Test
    void nobody_meets_while_it_is_closed() throws Exception {
        meeting.close();
        FutureTask<Boolean> giver = begin(() -> {
            boolean given = false;
            for (int i = 0; i < ATTEMPTS; i++) {
                given |= meeting.give(i) | meeting.tryGive(i);
            }
            return given;
        });
        for (int i = 0; i < ATTEMPTS; i++) {
            assertThat(meeting.take()).isNull();
        }
        assertThat(giver.get()).isFalse();
    }
}
