package dev.yibu.tests;

import static dev.yibu.Async.checkpoint;
import static dev.yibu.Async.clock;
import static dev.yibu.Async.sleep;
import static dev.yibu.Async.timeout;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.Outcome;
import dev.yibu.Task;
import dev.yibu.TaskGroup;
import dev.yibu.TimeoutException;
import dev.yibu.lowlevel.ForeignCall;
import dev.yibu.testkit.ForeignLatch;
import dev.yibu.testkit.Tracked;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The bracket of foreign calls: the abort hook first, then a grace, then the interrupt or the second hook. */
class ExploredForeignCallTest {

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

        /** From before a call, since a hook may run as soon as the bracket is entered, until after it. */
        private boolean inCall = true;

        private Duration elapsed() {
            return Duration.between(start, clock().instant());
        }

        private void hook(String name, Runnable effect) {
            assertThat(inCall).as(name + " runs inside the call only").isTrue();
            events.add(name);
            effect.run();
        }

        private String query(ForeignLatch response, boolean failsOnAbort) throws IOException, InterruptedException {
            try (Tracked _ = Tracked.open("a cursor")) {
                response.await();
                if (failsOnAbort && !events.isEmpty()) {
                    throw new IOException("the query was stopped");
                }
                return "rows";
            }
        }

        @Test
        void the_abort_hook_stops_the_call_and_what_it_throws_then_becomes_the_cancellation() throws Exception {
            ForeignLatch response = new ForeignLatch("a response");
            ForeignCall call =
                    ForeignCall.named("a query").onCancel(() -> hook("abort", response::release), ofSeconds(5));
            TaskGroup.run(group -> {
                Task<?> task = group.start("task", () -> call.call(() -> query(response, true)));
                task.onCompletion(outcome -> assertThat(outcome).isInstanceOf(Outcome.Cancellation.class));
                checkpoint();
                task.cancel("enough");
            });
            assertThat(events).isIn(List.of(), List.of("abort"));
            assertThat(elapsed()).isZero();
        }

        @Test
        void a_value_that_races_with_the_abort_is_returned_and_the_hook_runs_at_most_once_and_never_later()
                throws Exception {
            ForeignLatch response = new ForeignLatch("a response");
            List<String> values = new ArrayList<>();
            ForeignCall call =
                    ForeignCall.named("a query").onCancel(() -> hook("abort", response::release), ofSeconds(5));
            TaskGroup.run(group -> {
                Task<?> task = group.start("task", () -> {
                    values.add(call.call(() -> query(response, false)));
                    inCall = false;
                    sleep(ofSeconds(9));
                    values.add("went on");
                });
                group.start("server", response::release);
                group.start("first", () -> task.cancel("one"));
                group.start("second", () -> task.cancel("two"));
            });
            assertThat(values).isIn(List.of(), List.of("rows"));
            assertThat(events).isIn(List.of(), List.of("abort"));
        }

        @Test
        void a_call_that_does_not_stop_within_the_grace_is_interrupted() throws Exception {
            ForeignCall call = ForeignCall.named("a query").onCancel(() -> hook("abort", () -> {}), ofSeconds(5));
            assertThatThrownBy(() ->
                            timeout(ofSeconds(1), () -> call.call(() -> query(new ForeignLatch("a response"), false))))
                    .isInstanceOf(TimeoutException.class)
                    .hasCauseInstanceOf(InterruptedException.class);
            assertThat(events).containsExactly("abort");
            assertThat(elapsed()).isEqualTo(ofSeconds(6));
            checkpoint();
        }

        @Test
        void a_call_that_does_not_stop_within_the_grace_is_closed_by_the_second_hook() throws Exception {
            ForeignLatch response = new ForeignLatch("a response");
            ForeignCall call = ForeignCall.named("a query")
                    .onCancel(() -> hook("abort", () -> {}), ofSeconds(5))
                    .thenClose(() -> hook("close", response::release));
            assertThatThrownBy(() -> timeout(ofSeconds(1), () -> call.call(() -> query(response, true))))
                    .isInstanceOf(TimeoutException.class)
                    .hasCauseInstanceOf(IOException.class);
            assertThat(events).containsExactly("abort", "close");
            assertThat(elapsed()).isEqualTo(ofSeconds(6));
        }

        @Test
        void the_end_of_the_call_races_with_the_end_of_the_grace_and_the_next_call_is_not_hit() throws Exception {
            ForeignLatch response = new ForeignLatch("a response");
            ForeignLatch next = new ForeignLatch("the next response");
            ForeignCall call = ForeignCall.named("a query").onCancel(() -> hook("abort", () -> {}), ofSeconds(5));
            TaskGroup.run(group -> {
                group.start("server", () -> {
                    sleep(ofSeconds(6));
                    response.release();
                    sleep(ofSeconds(1));
                    next.release();
                });
                try {
                    String rows = timeout(ofSeconds(1), () -> call.call(() -> query(response, false)));
                    assertThat(rows).isEqualTo("rows");
                } catch (TimeoutException e) {
                    assertThat(e).hasCauseInstanceOf(InterruptedException.class);
                }
                inCall = false;
                next.await();
            });
            assertThat(elapsed()).isEqualTo(ofSeconds(7));
        }

        @Test
        void a_hook_that_fails_leaves_the_rest_to_the_grace() throws Exception {
            ForeignCall call = ForeignCall.named("a query")
                    .onCancel(
                            () -> {
                                throw new IOException("no route");
                            },
                            ofSeconds(5));
            assertThatThrownBy(() ->
                            timeout(ofSeconds(1), () -> call.call(() -> query(new ForeignLatch("a response"), false))))
                    .isInstanceOf(TimeoutException.class);
            assertThat(elapsed()).isEqualTo(ofSeconds(6));
        }

        @Test
        void a_call_without_hook_is_interrupted_and_a_hook_that_waits_holds_up_the_end_of_its_call() throws Exception {
            assertThatThrownBy(() -> timeout(
                            ofSeconds(1),
                            () -> ForeignCall.named("a read").call(() -> query(new ForeignLatch("a response"), false))))
                    .isInstanceOf(TimeoutException.class);
            assertThat(elapsed()).isEqualTo(ofSeconds(1));

            ForeignLatch response = new ForeignLatch("a response");
            TaskGroup.run(group -> {
                ForeignCall call = ForeignCall.named("a query")
                        .onCancel(
                                () -> hook("abort", () -> {
                                    response.release();
                                    events.add("abort ends");
                                }),
                                ofSeconds(5));
                Task<?> task = group.start("task", () -> {
                    try {
                        call.call(() -> query(response, true));
                    } finally {
                        inCall = false;
                        events.add("left");
                    }
                });
                checkpoint();
                task.cancel("enough");
            });
            assertThat(events).isIn(List.of(), List.of("left"), List.of("abort", "abort ends", "left"));
        }
    }
}
