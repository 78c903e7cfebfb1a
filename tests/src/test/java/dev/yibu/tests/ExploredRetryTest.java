package dev.yibu.tests;

import static dev.yibu.Async.clock;
import static dev.yibu.Async.moveOnAfter;
import static dev.yibu.Async.retry;
import static dev.yibu.Async.sleep;
import static dev.yibu.Async.timeout;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.Outcome;
import dev.yibu.Retry;
import dev.yibu.Task;
import dev.yibu.TaskGroup;
import dev.yibu.TimeoutException;
import dev.yibu.testkit.ForeignLatch;
import dev.yibu.testkit.Tracked;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Retries: as many attempts as allowed, none after a cancellation, none past the deadline. */
class ExploredRetryTest {

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
        private final Instant start = clock().instant();
        private final List<Long> attempts = new ArrayList<>();

        private Duration elapsed() {
            return Duration.between(start, clock().instant());
        }

        private int succeedAt(int attempt) throws IOException {
            try (Tracked _ = Tracked.open("a connection")) {
                attempts.add(elapsed().toSeconds());
                sleep(ofSeconds(1));
                if (attempts.size() < attempt) {
                    throw new IOException("not yet");
                }
                return attempts.size();
            }
        }

        @Test
        void an_attempt_follows_each_failure_after_its_pause() throws IOException {
            assertThat(retry(Retry.fixed(5, ofSeconds(2)), () -> succeedAt(3))).isEqualTo(3);
            assertThat(attempts).containsExactly(0L, 3L, 6L);
        }

        @Test
        void the_last_failure_carries_those_before_it() {
            assertThatThrownBy(() -> retry(Retry.fixed(3, ofSeconds(1)), () -> succeedAt(9)))
                    .isExactlyInstanceOf(IOException.class)
                    .satisfies(thrown -> assertThat(thrown.getSuppressed()).hasSize(2));
            assertThat(attempts).hasSize(3);
        }

        @Test
        void a_cancellation_is_never_retried() throws IOException {
            TaskGroup.run(group -> {
                Task<?> doomed = group.start("doomed", () -> retry(Retry.fixed(9, ofSeconds(1)), () -> succeedAt(3)));
                group.start("canceller", () -> {
                    sleep(ofSeconds(2)); // its second attempt begins at this instant
                    doomed.cancel("enough");
                    int before = attempts.size();
                    sleep(ofSeconds(5));
                    assertThat(attempts).hasSizeLessThanOrEqualTo(before + (isUndisturbed() ? 0 : 1));
                    assertThat(doomed.outcome()).containsInstanceOf(Outcome.Cancellation.class);
                });
            });
        }

        @Test
        void what_a_cancellation_breaks_in_foreign_code_is_no_failure_to_retry() throws IOException {
            TaskGroup.run(group -> {
                Task<?> doomed = group.start(
                        "doomed",
                        () -> retry(Retry.immediately(9), () -> {
                            attempts.add(0L);
                            try {
                                new ForeignLatch("a read").await();
                            } catch (InterruptedException e) {
                                throw new IOException("the read was interrupted", e);
                            }
                        }));
                sleep(ofSeconds(1));
                doomed.cancel("enough");
            });
            assertThat(attempts).hasSizeLessThanOrEqualTo(1);
        }

        @Test
        void there_is_no_attempt_past_the_deadline() {
            assertThatThrownBy(() ->
                            timeout(ofMillis(2_500), () -> retry(Retry.fixed(9, ofSeconds(1)), () -> succeedAt(9))))
                    .satisfiesAnyOf(
                            thrown -> assertThat(thrown).isExactlyInstanceOf(IOException.class),
                            thrown -> assertThat(thrown).isExactlyInstanceOf(TimeoutException.class));
            assertThat(attempts).containsExactly(0L, 2L);
            assertThat(elapsed()).isEqualTo(ofMillis(2_500));
        }

        @Test
        void it_gives_up_at_once_if_the_pause_would_end_at_the_deadline() throws IOException {
            boolean inTime = true;
            try {
                inTime = moveOnAfter(ofSeconds(3), () -> {
                    int _ = retry(Retry.fixed(9, ofSeconds(2)), () -> succeedAt(9));
                });
            } catch (IOException e) {
                assertThat(e.getSuppressed()).hasAtLeastOneElementOfType(TimeoutException.class);
            }
            assertThat(inTime).isTrue();
            assertThat(attempts).containsExactly(0L);
            assertThat(elapsed()).isEqualTo(ofSeconds(1));
        }
    }
}
