package dev.yibu.tests;

import static dev.yibu.Async.gather;
import static dev.yibu.Async.run;
import static dev.yibu.Async.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.yibu.Async;
import dev.yibu.TaskGroup;
import dev.yibu.lowlevel.Driver;
import dev.yibu.lowlevel.Strand;
import java.time.Duration;
import java.util.AbstractList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A million tasks in one scope, in the heap that this module's POM gives to its tests. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class MillionTasksTest {
    private static final int MILLION = 1_000_000;
    private static final Duration FOR_EVER = Duration.ofHours(1);

    /** A failure that costs no stack trace. */
    private static final class Failed extends Exception {
        private static final long serialVersionUID = 1L;
        private final int number;

        Failed(int number) {
            super("number " + number, null, true, false);
            this.number = number;
        }
    }

    private static List<Integer> numbers() {
        return new AbstractList<>() {
            @Override
            public Integer get(int index) {
                return index;
            }

            @Override
            public int size() {
                return MILLION;
            }
        };
    }

    @AfterEach
    void nothing_is_left() {
        assertThat(Async.allTasks()).isEmpty();
        assertThat(Strand.roots()).isEmpty();
        assertThat(Driver.real().pendingTimers()).isZero();
    }

    private static boolean isInOrder(List<Integer> doubled) {
        for (int i = 0; i < doubled.size(); i++) {
            if (doubled.get(i) != 2 * i) {
                return false;
            }
        }
        return doubled.size() == MILLION;
    }

    @Test
    void a_million_tasks_give_their_results_in_order() {
        List<Integer> doubled = run(() -> gather(numbers(), number -> 2 * number));

        assertThat(isInOrder(doubled)).isTrue();
    }

    /** All of them are alive at one time. */
    @Test
    void a_million_tasks_that_wait_at_once_give_their_results_in_order() throws InterruptedException {
        CountDownLatch started = new CountDownLatch(MILLION);
        List<Integer> doubled = run(() -> gather(numbers(), number -> {
            started.countDown();
            started.await();
            return 2 * number;
        }));

        assertThat(isInOrder(doubled)).isTrue();
    }

    @Test
    void when_a_million_tasks_fail_the_first_failure_is_thrown_and_a_few_are_suppressed() {
        AtomicInteger failed = new AtomicInteger();
        CountDownLatch started = new CountDownLatch(MILLION);

        Throwable thrown = catchThrowable(() -> run(() -> gather(numbers(), number -> {
            Async.shield(FOR_EVER, () -> {
                started.countDown();
                started.await();
            });
            failed.incrementAndGet();
            throw new Failed(number);
        })));

        assertThat(failed).hasValue(MILLION);
        assertThat(thrown).isInstanceOf(Failed.class);
        Throwable[] suppressed = thrown.getSuppressed();
        assertThat(suppressed).hasSize(33).doesNotContain(thrown);
        assertThat(suppressed[32]).hasToString("and " + (MILLION - 33) + " more failures");
        assertThat(List.of(suppressed).subList(0, 32))
                .allSatisfy(other -> assertThat(other)
                        .isInstanceOfSatisfying(
                                Failed.class, f -> assertThat(f.number).isBetween(0, MILLION - 1)));
    }

    @Test
    void a_million_sleepers_end_when_their_run_is_cancelled() {
        AtomicInteger ended = new AtomicInteger();

        Throwable thrown = catchThrowable(() -> run(() -> TaskGroup.run(group -> {
            CountDownLatch started = new CountDownLatch(MILLION);
            var main = Async.currentTask();
            group.start(() -> {
                started.await();
                main.cancel("enough");
            });
            gather(numbers(), number -> {
                started.countDown();
                try {
                    sleep(FOR_EVER);
                    return number;
                } finally {
                    ended.incrementAndGet();
                }
            });
        })));

        assertThat(thrown).isInstanceOf(CancellationException.class).hasMessageContaining("enough");
        assertThat(ended).hasValue(MILLION);
    }
}
