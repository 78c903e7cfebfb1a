package dev.yibu;

import static dev.yibu.Async.clock;
import static dev.yibu.Async.createTask;
import static dev.yibu.Async.currentTask;
import static dev.yibu.Async.deadline;
import static dev.yibu.Async.generator;
import static dev.yibu.Async.moveOnAfter;
import static dev.yibu.Async.retry;
import static dev.yibu.Async.run;
import static dev.yibu.Async.shield;
import static dev.yibu.Async.sleep;
import static dev.yibu.Async.timeout;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.yibu.Retry.FailedAttempt;
import dev.yibu.lowlevel.Strand;
import dev.yibu.stream.AsyncIterable;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RetryTest {
    private static final Duration SHORT = Duration.ofMillis(2);
    private static final Duration LONG = Duration.ofHours(1);

    private final List<FailedAttempt> heard = new ArrayList<>();
    private int attempts;

    private Retry listened(Retry retry) {
        return retry.withListener(heard::add);
    }

    /** Fails a number of times, each time with another exception, then yields a value. */
    private String flaky(int failures) throws IOException {
        attempts++;
        if (attempts <= failures) {
            throw new IOException("failure " + attempts);
        }
        return "value";
    }

    // ---------------------------------------------------------------- attempts

    @Test
    void work_that_does_not_fail_runs_once() throws IOException {
        assertThat(retry(listened(Retry.fixed(5, LONG)), () -> flaky(0))).isEqualTo("value");
        assertThat(attempts).isEqualTo(1);
        assertThat(heard).isEmpty();
    }

    @Test
    void work_that_fails_is_run_again_until_it_does_not() throws IOException {
        assertThat(retry(Retry.immediately(5), () -> flaky(3))).isEqualTo("value");
        assertThat(attempts).isEqualTo(4);
    }

    @Test
    void after_the_last_attempt_its_own_failure_is_thrown_with_the_earlier_ones_suppressed() {
        Throwable thrown = catchThrowable(() -> retry(Retry.immediately(3), () -> flaky(9)));

        assertThat(thrown).isInstanceOf(IOException.class).hasMessage("failure 3");
        assertThat(thrown.getSuppressed()).extracting(Throwable::getMessage).containsExactly("failure 1", "failure 2");
        assertThat(attempts).isEqualTo(3);
    }

    @Test
    void of_many_earlier_failures_the_last_ones_are_kept_and_the_rest_counted() {
        Throwable thrown = catchThrowable(() -> retry(Retry.immediately(100), () -> flaky(100)));

        assertThat(thrown).hasMessage("failure 100");
        assertThat(thrown.getSuppressed())
                .extracting(Throwable::getMessage)
                .containsExactly(IntStream.rangeClosed(91, 99)
                        .mapToObj(i -> i == 91 ? "91 attempts that failed earlier" : "failure " + i)
                        .toArray(String[]::new));
    }

    @Test
    void the_same_exception_thrown_again_and_again_is_not_suppressed_in_itself() {
        RuntimeException same = new RuntimeException("same");

        assertThatThrownBy(() -> retry(Retry.immediately(3), () -> {
                    throw same;
                }))
                .isSameAs(same);
        assertThat(same.getSuppressed()).isEmpty();
    }

    @Test
    void the_void_form_tries_again_too() throws IOException {
        List<String> seen = new ArrayList<>();
        retry(Retry.immediately(2), () -> {
            seen.add(flaky(1));
        });
        assertThat(seen).containsExactly("value");
    }

    @Test
    void only_what_the_predicate_accepts_is_tried_again() {
        Retry onlyMissing = listened(Retry.immediately(5).retryOn(FileNotFoundException.class));

        assertThatThrownBy(() -> retry(onlyMissing, () -> flaky(9))).hasMessage("failure 1");
        assertThatThrownBy(() -> retry(onlyMissing, () -> {
                    attempts++;
                    throw new FileNotFoundException("gone");
                }))
                .hasMessage("gone");
        assertThat(attempts).isEqualTo(1 + 5);
        assertThat(heard.getFirst().pause()).as("no further attempt").isEmpty();
    }

    @Test
    void errors_and_interrupts_are_not_tried_again_unless_asked_for() {
        for (Throwable hopeless : List.of(new AssertionError("bug"), new InterruptedException())) {
            attempts = 0;
            assertThatThrownBy(() -> retry(Retry.immediately(5), () -> {
                        attempts++;
                        throw hopeless;
                    }))
                    .isSameAs(hopeless);
            assertThat(attempts).isEqualTo(1);
        }
        attempts = 0;
        assertThatThrownBy(() -> retry(Retry.immediately(5).retryOn(_ -> true), () -> {
                    attempts++;
                    throw new AssertionError("bug");
                }))
                .isInstanceOf(AssertionError.class);
        assertThat(attempts).isEqualTo(5);
    }

    @Test
    void a_result_can_be_as_bad_as_a_failure_and_the_last_one_is_returned() {
        Retry whileSmall = listened(Retry.immediately(3).retryResult(Integer.class, n -> n < 3));

        assertThat(retry(whileSmall, () -> ++attempts)).isEqualTo(3);
        assertThat(heard).extracting(FailedAttempt::result).containsExactly(Optional.of(1), Optional.of(2));

        attempts = -9;
        assertThat(retry(whileSmall, () -> ++attempts)).isEqualTo(-6);
        assertThat(Async.<Object, RuntimeException>retry(
                        Retry.immediately(2).retryResult(result -> result == null), () -> attempts++ < 0 ? null : 5))
                .isNull();
    }

    // ---------------------------------------------------------------- pauses

    @Test
    void the_listener_hears_of_each_failed_attempt_before_the_pause() throws IOException {
        List<Instant> at = new ArrayList<>();
        Retry retry = Retry.fixed(3, SHORT).withListener(attempt -> {
            heard.add(attempt);
            at.add(clock().instant());
        });

        run(() -> retry(retry, () -> flaky(2)));

        assertThat(heard).extracting(FailedAttempt::number).containsExactly(1, 2);
        assertThat(heard).extracting(FailedAttempt::pause).containsOnly(Optional.of(SHORT));
        assertThat(heard.getFirst())
                .hasToString("attempt 1 failed: java.io.IOException: failure 1; the next one comes in 2 ms");
        assertThat(Duration.between(at.get(0), at.get(1))).isGreaterThanOrEqualTo(SHORT.minusMillis(1));
    }

    @Test
    void what_the_listener_throws_ends_the_retrying_and_carries_the_failure() {
        Retry retry = Retry.immediately(3).withListener(_ -> {
            throw new IllegalStateException("the listener's");
        });

        assertThatThrownBy(() -> retry(retry, () -> flaky(9)))
                .isInstanceOf(IllegalStateException.class)
                .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
        assertThat(attempts).isEqualTo(1);
    }

    @Test
    void pauses_grow_up_to_the_longest() {
        Retry retry = Retry.exponential(9, Duration.ofMillis(100)).withJitter(0).withMaxDelay(Duration.ofMillis(500));

        assertThat(IntStream.rangeClosed(1, 5).mapToLong(n -> retry.pauseNanos(n, new Random(1)) / 1_000_000))
                .containsExactly(100L, 200L, 400L, 500L, 500L);
        assertThat(retry.pauseNanos(Integer.MAX_VALUE, new Random(1))).isEqualTo(500_000_000);
        assertThat(Retry.fixed(9, LONG).pauseNanos(7, new Random(1))).isEqualTo(LONG.toNanos());
        assertThat(Retry.immediately(9).withFactor(3).pauseNanos(2_000_000_000, new Random(1)))
                .isZero();
    }

    @Test
    void jitter_makes_a_part_of_the_pause_random() {
        Retry half = Retry.exponential(9, Duration.ofNanos(1000));
        Retry all = half.withJitter(1);
        Random random = new Random(7);

        assertThat(IntStream.range(0, 1000).mapToLong(_ -> half.pauseNanos(1, random)))
                .allMatch(nanos -> nanos > 500 && nanos <= 1000)
                .hasSizeGreaterThan(1);
        long[] drawn = IntStream.range(0, 1000)
                .mapToLong(_ -> all.pauseNanos(1, random))
                .sorted()
                .toArray();
        assertThat(drawn[0]).isBetween(1L, 100L);
        assertThat(drawn[999]).isBetween(900L, 1000L);
    }

    // ---------------------------------------------------------------- deadlines

    @Test
    void it_never_pauses_beyond_the_deadline_but_fails_at_once_and_says_why() {
        Instant start = clock().instant();

        Throwable thrown = catchThrowable(() ->
                timeout(LONG, () -> retry(listened(Retry.fixed(5, LONG.multipliedBy(2))), () -> flaky(9))));

        assertThat(Duration.between(start, clock().instant())).isLessThan(LONG);
        assertThat(thrown).isInstanceOf(IOException.class).hasMessage("failure 1");
        assertThat(thrown.getSuppressed()).hasSize(1);
        assertThat(thrown.getSuppressed()[0])
                .isInstanceOf(TimeoutException.class)
                .hasMessageMatching(
                        "no time for another attempt: attempt 2 would begin in 2h, but the deadline is in .*");
        assertThat(heard).singleElement().extracting(FailedAttempt::pause).isEqualTo(Optional.empty());
    }

    @Test
    void the_earliest_of_all_enclosing_deadlines_counts() {
        assertThatThrownBy(() -> timeout(
                        LONG, () -> timeout(LONG.multipliedBy(9), () -> retry(Retry.fixed(5, LONG), () -> flaky(9)))))
                .hasMessage("failure 1");
        assertThatThrownBy(() -> run(() -> timeout(
                        LONG,
                        () -> TaskGroup.run(group -> group.start(() -> retry(Retry.fixed(5, LONG), () -> flaky(9)))))))
                .hasMessage("failure 2");
    }

    @Test
    void a_rejected_result_is_returned_where_there_is_no_time_for_a_better_one() {
        assertThat(timeout(LONG, () -> retry(Retry.fixed(5, LONG).retryResult(_ -> true), () -> ++attempts)))
                .isEqualTo(1);
    }

    @Test
    void a_deadline_that_comes_during_the_pause_throws_the_timeout_with_the_failure_suppressed() {
        Throwable thrown = catchThrowable(() -> run(() -> timeout(LONG, () -> {
            Deadline outer = deadline();
            retry(Retry.fixed(2, LONG.dividedBy(2)).withListener(_ -> outer.reschedule(SHORT)), () -> flaky(9));
        })));

        assertThat(thrown).isInstanceOf(TimeoutException.class);
        assertThat(thrown.getSuppressed()).extracting(Throwable::getMessage).containsExactly("failure 1");
    }

    @Test
    void a_timeout_of_each_attempt_is_a_failure_like_others() {
        assertThat(run(() -> retry(
                        Retry.immediately(3),
                        () -> timeout(SHORT, () -> {
                            if (attempts++ == 0) {
                                sleep(LONG);
                            }
                            return attempts;
                        }))))
                .isEqualTo(2);
    }

    // ---------------------------------------------------------------- cancellation

    @Test
    void a_cancellation_is_never_tried_again() {
        assertThatThrownBy(() -> run(() -> retry(Retry.immediately(5).retryOn(_ -> true), () -> {
                    attempts++;
                    currentTask().cancel("enough");
                    sleep(LONG);
                })))
                .isInstanceOf(CancellationException.class)
                .hasMessage("enough");
        assertThat(attempts).isEqualTo(1);
    }

    @Test
    void what_our_own_cancel_has_broken_is_a_cancellation_and_not_a_failure() {
        assertThatThrownBy(() -> run(() -> {
                    Throwable thrown = catchThrowable(() -> retry(listened(Retry.immediately(5)), () -> {
                        attempts++;
                        currentTask().cancel("enough");
                        throw new InterruptedIOException("broken by the interrupt");
                    }));
                    assertThat(thrown).isInstanceOf(Cancelled.class).hasCauseInstanceOf(InterruptedIOException.class);
                    throw thrown;
                }))
                .isInstanceOf(CancellationException.class);
        assertThat(attempts).isEqualTo(1);
        assertThat(heard).isEmpty();
    }

    @Test
    void the_same_exception_without_a_cancel_is_a_failure_like_others() throws IOException {
        retry(Retry.immediately(2), () -> {
            if (attempts++ == 0) {
                throw new InterruptedIOException("a socket's timeout");
            }
        });
        assertThat(attempts).isEqualTo(2);
    }

    @Test
    void a_failure_of_its_own_in_a_cancelled_scope_is_thrown_and_not_tried_again() {
        assertThatThrownBy(() -> run(() -> retry(Retry.immediately(5), () -> {
                    attempts++;
                    currentTask().cancel();
                    throw new IOException("mine");
                })))
                .hasMessage("mine");
        assertThat(attempts).isEqualTo(1);
    }

    @Test
    void a_cancel_during_the_pause_ends_it_with_the_failure_suppressed() throws IOException {
        run(() -> {
            List<Throwable> thrown = new ArrayList<>();
            Task<?> task = createTask(() -> {
                Task<?> self = currentTask();
                try {
                    retry(Retry.fixed(5, LONG).withListener(_ -> self.cancel("enough")), () -> flaky(9));
                } catch (Throwable t) {
                    thrown.add(t);
                    throw t;
                }
            });
            assertThatThrownBy(task::await).isInstanceOf(CancellationException.class);
            assertThat(thrown)
                    .singleElement()
                    .isInstanceOf(Cancelled.class)
                    .satisfies(t -> assertThat(t.getSuppressed())
                            .extracting(Throwable::getMessage)
                            .containsExactly("failure 1"));
        });
        assertThat(attempts).isEqualTo(1);
    }

    @Test
    void in_a_cancelled_scope_nothing_is_tried_at_all_but_a_shield_lets_it() throws IOException {
        run(() -> {
            moveOnAfter(LONG, () -> {
                deadline().reschedule(Duration.ZERO);
                assertThatThrownBy(() -> retry(Retry.immediately(5), () -> flaky(1)))
                        .isInstanceOf(Cancelled.class);
                assertThat(attempts).isZero();
                assertThat(shield(LONG, () -> retry(Retry.fixed(5, SHORT), () -> flaky(1))))
                        .isEqualTo("value");
            });
        });
    }

    @Test
    void a_listing_shows_which_attempt_a_pause_comes_before() throws IOException {
        run(() -> {
            List<Object> waitsFor = new ArrayList<>();
            Task<?> waiter = createTask("waiter", () -> retry(Retry.fixed(5, LONG), () -> flaky(9)));
            while (waitsFor.isEmpty()) {
                sleep(SHORT);
                Polling.task("waiter").flatMap(TaskInfo::waitingFor).ifPresent(waitsFor::add);
            }
            waiter.cancel();
            assertThat(waitsFor).containsExactly("the pause before attempt 2");
        });
    }

    // ---------------------------------------------------------------- input

    @Test
    void it_can_be_called_by_any_thread() throws IOException {
        assertThat(Strand.current()).isNull();
        assertThat(retry(Retry.fixed(5, SHORT), () -> flaky(1))).isEqualTo("value");
        assertThat(Strand.current()).isNull();
    }

    @Test
    void what_an_attempt_that_fails_leaves_open_ends_with_it_and_what_the_last_one_yields_goes_on() throws IOException {
        run(() -> {
            List<Task<?>> producers = new ArrayList<>();
            AsyncIterable<Integer> yielded = timeout(LONG, () -> {
                AsyncIterable<Integer> items = retry(Retry.immediately(3), () -> {
                    assertThat(producers).allMatch(Task::isDone);
                    AsyncIterable<Integer> opened = generator(Integer.class, 0, out -> {
                                producers.add(currentTask());
                                for (int i = 0; ; i++) {
                                    out.emit(i);
                                }
                            })
                            .map(x -> x);
                    if (producers.size() < 2) {
                        assertThat(opened.iterator().next()).isZero();
                        throw new IOException("again");
                    }
                    return opened;
                });
                assertThat(items.iterator().next()).isZero();
                return items;
            });
            assertThat(producers)
                    .as("the last one ends with the block")
                    .hasSize(3)
                    .allMatch(Task::isDone);
            yielded.close();
        });
    }

    @Test
    void bad_input_gets_a_clear_error() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Retry.immediately(0))
                .withMessageContaining("attempts is 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Retry.fixed(1, Duration.ofMillis(-1)))
                .withMessageContaining("PT-0.001S");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Retry.immediately(1).withMaxDelay(Duration.ofMillis(-1)));
        for (double factor : new double[] {0.9, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Retry.immediately(1).withFactor(factor))
                    .withMessageContaining("" + factor);
        }
        for (double jitter : new double[] {-0.1, 1.1, Double.NaN}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Retry.immediately(1).withJitter(jitter))
                    .withMessageContaining("" + jitter);
        }
        assertThatNullPointerException().isThrownBy(() -> retry(null, () -> 1)).withMessage("retry");
        assertThatNullPointerException()
                .isThrownBy(() -> retry(Retry.immediately(1), (Coroutine<Object, RuntimeException>) null))
                .withMessage("body");
        assertThatNullPointerException()
                .isThrownBy(() -> Retry.immediately(1).withListener(null))
                .withMessage("listener");
    }
}
