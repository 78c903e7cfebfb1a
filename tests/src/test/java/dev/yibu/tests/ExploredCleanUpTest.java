package dev.yibu.tests;

import static dev.yibu.Async.checkpoint;
import static dev.yibu.Async.clock;
import static dev.yibu.Async.run;
import static dev.yibu.Async.sleep;
import static dev.yibu.Async.using;
import static dev.yibu.Async.usingRun;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.ResourceStack;
import dev.yibu.RunOptions;
import dev.yibu.Task;
import dev.yibu.TaskGroup;
import dev.yibu.testkit.Tracked;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Releases run shielded, once each, whatever ends the block: a value, an exception, a cancellation at any place. */
class ExploredCleanUpTest {

    @Nested
    @AtRandom
    class Randomly extends Rules {}

    @Nested
    @ByPriority
    class WithPriorities extends Rules {}

    @Nested
    @BetweenAccesses
    class BetweenTwoAccesses extends Rules {}

    abstract static class Rules extends ExploredRules {
        private final Instant start = clock().instant();
        private final List<String> events = new ArrayList<>();

        /** Opens without a checkpoint behind it, so that a cancellation comes before or finds it registered. */
        private static Tracked open(String name) {
            sleep(ofSeconds(1));
            return Tracked.open(name);
        }

        /** A release that waits. */
        private void release(Tracked resource) {
            sleep(ofSeconds(1));
            checkpoint();
            resource.close();
            events.add("released " + resource);
        }

        @Test
        void what_was_acquired_is_released_although_the_release_waits() {
            String value = using(() -> open("a"), this::release, a -> {
                sleep(ofSeconds(1));
                return a + " used";
            });
            assertThat(value).isEqualTo("a used");
            assertThat(events).containsExactly("released a");
        }

        @Test
        void a_cancelled_block_releases_what_it_has_and_nothing_that_it_has_not() {
            TaskGroup.run(group -> {
                Task<?> task = group.start(
                        "task",
                        () -> usingRun(() -> open("a"), this::release, _ -> {
                            usingRun(() -> open("b"), this::release, _ -> sleep(ofSeconds(9)));
                        }));
                sleep(ofSeconds(2));
                task.cancel("enough");
            });
            assertThat(events).isIn(List.of("released a"), List.of("released b", "released a"));
        }

        @Test
        void an_exception_of_the_block_is_thrown_with_that_of_the_release_suppressed() {
            assertThatThrownBy(() -> using(
                            () -> open("a"),
                            a -> {
                                release(a);
                                throw new IOException("release failed");
                            },
                            _ -> {
                                throw new IOException("body failed");
                            }))
                    .isExactlyInstanceOf(IOException.class)
                    .hasMessage("body failed")
                    .satisfies(e -> assertThat(e.getSuppressed())
                            .singleElement()
                            .satisfies(s -> assertThat(s).hasMessage("release failed")));
        }

        @Test
        void a_stack_releases_the_last_one_first_whatever_happens() {
            assertThatThrownBy(() -> {
                        try (ResourceStack stack = new ResourceStack()) {
                            stack.acquire(() -> open("a"), this::release);
                            stack.acquire(() -> open("b"), b -> {
                                release(b);
                                throw new IOException("release failed");
                            });
                            stack.defer(() -> events.add("deferred"));
                            stack.acquire(() -> open("c"), this::release);
                            checkpoint();
                        }
                    })
                    .hasMessage("release failed");
            assertThat(events).containsExactly("released c", "deferred", "released b", "released a");
        }

        @Test
        void a_cancelled_block_releases_its_stack() {
            TaskGroup.run(group -> {
                Task<?> task = group.start("task", () -> {
                    try (ResourceStack stack = new ResourceStack()) {
                        stack.acquire(() -> open("a"), this::release);
                        stack.acquire(() -> open("b"), this::release);
                        sleep(ofSeconds(9));
                    }
                });
                sleep(ofSeconds(2));
                task.cancel("enough");
            });
            assertThat(events).isIn(List.of("released a"), List.of("released b", "released a"));
        }

        @Test
        void a_release_that_hangs_has_its_grace_and_the_others_run_all_the_same() {
            run(
                    RunOptions.defaults().withGrace(ofSeconds(3)),
                    () -> TaskGroup.run(group -> {
                        Task<?> task = group.start(
                                "task",
                                () -> usingRun(() -> Tracked.open("a"), this::release, _ -> {
                                    usingRun(
                                            () -> Tracked.open("b"),
                                            b -> {
                                                b.close();
                                                sleep(ofSeconds(100));
                                            },
                                            _ -> sleep(ofSeconds(9)));
                                }));
                        sleep(ofSeconds(1));
                        task.cancel("enough");
                    }));
            assertThat(events).containsExactly("released a");
            assertThat(Duration.between(start, clock().instant())).isEqualTo(ofSeconds(5));
        }
    }
}
