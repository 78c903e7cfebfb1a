package dev.yibu.tests;

import static dev.yibu.Async.checkpoint;
import static dev.yibu.Async.generator;
import static dev.yibu.Async.moveOnAfter;
import static dev.yibu.Async.sleep;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.TaskGroup;
import dev.yibu.stream.AsyncIterable;
import dev.yibu.testkit.Tracked;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Publishers and subscriptions: items in order, never more than asked for, and an end that comes once. */
class ExploredFlowTest {

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
        private final List<Integer> got = new ArrayList<>();
        private int producing;

        private AsyncIterable<Integer> numbers(int count) {
            return generator(Integer.class, 1, out -> {
                producing++;
                try (Tracked _ = Tracked.open("what the producer holds")) {
                    for (int i = 1; i <= count; i++) {
                        out.emit(i);
                    }
                } finally {
                    producing--;
                }
            });
        }

        private static final class Recorder implements Flow.Subscriber<Integer> {
            private final int atATime;
            private final List<Object> events = new ArrayList<>();
            private Flow.@Nullable Subscription subscription;
            private long asked;
            private boolean over;

            Recorder(int atATime) {
                this.atATime = atATime;
            }

            @Override
            public void onSubscribe(Flow.Subscription granted) {
                assertThat(subscription).isNull();
                subscription = granted;
                ask();
            }

            private void ask() {
                asked += atATime;
                Objects.requireNonNull(subscription).request(atATime);
            }

            @Override
            public void onNext(Integer item) {
                assertThat(over).isFalse();
                assertThat(--asked).isGreaterThanOrEqualTo(0);
                events.add(item);
                if (asked == 0) {
                    ask();
                }
            }

            @Override
            public void onError(Throwable thrown) {
                end(thrown);
            }

            @Override
            public void onComplete() {
                end("complete");
            }

            private void end(Object how) {
                assertThat(over).isFalse();
                over = true;
                events.add(how);
            }
        }

        @Test
        void what_is_published_is_received_in_order() {
            TaskGroup.run(_ -> {
                Flow.Publisher<Integer> publisher = AsyncIterable.publisher(() -> numbers(5));
                for (int item : AsyncIterable.<Integer>from(publisher, 2)) {
                    got.add(item);
                }
            });
            assertThat(got).containsExactly(1, 2, 3, 4, 5);
        }

        @Test
        void each_subscriber_gets_all_items_and_one_end() {
            Recorder first = new Recorder(1);
            Recorder second = new Recorder(2);
            TaskGroup.run(_ -> {
                Flow.Publisher<Integer> publisher = AsyncIterable.publisher(() -> List.of(1, 2, 3));
                publisher.subscribe(first);
                publisher.subscribe(second);
                while (!first.over || !second.over) {
                    checkpoint();
                }
            });
            assertThat(first.events).containsExactly(1, 2, 3, "complete");
            assertThat(second.events).containsExactly(1, 2, 3, "complete");
        }

        @Test
        void a_failure_reaches_the_other_end_after_the_items_before_it() {
            assertThatThrownBy(() -> TaskGroup.run(_ -> {
                        Flow.Publisher<Integer> publisher =
                                AsyncIterable.publisher(() -> generator(Integer.class, 2, out -> {
                                    out.emit(1);
                                    throw new IOException("the source is broken");
                                }));
                        AsyncIterable.<Integer>from(publisher, 1).each(got::add);
                    }))
                    .isExactlyInstanceOf(IOException.class);
            assertThat(got).containsExactly(1);
        }

        @Test
        void who_has_enough_ends_the_publisher_s_work() {
            TaskGroup.run(_ -> {
                Flow.Publisher<Integer> publisher = AsyncIterable.publisher(() -> numbers(100));
                try (AsyncIterable<Integer> items = AsyncIterable.from(publisher, 2)) {
                    for (int item : items) {
                        got.add(item);
                        if (item == 2) {
                            break;
                        }
                    }
                }
                while (producing > 0) {
                    checkpoint();
                }
            });
            assertThat(got).containsExactly(1, 2);
        }

        @Test
        void a_step_that_times_out_while_its_item_comes_loses_nothing() {
            TaskGroup.run(_ -> {
                Flow.Publisher<Integer> publisher = AsyncIterable.publisher(() -> generator(Integer.class, 1, out -> {
                    for (int i = 1; i <= 3; i++) {
                        sleep(ofSeconds(1));
                        out.emit(i);
                    }
                }));
                try (AsyncIterable<Integer> items = AsyncIterable.from(publisher, 1)) {
                    Iterator<Integer> iterator = items.iterator();
                    boolean[] more = {true};
                    while (more[0]) {
                        boolean _ = moveOnAfter(ofSeconds(1), () -> {
                            more[0] = iterator.hasNext();
                            if (more[0]) {
                                got.add(iterator.next());
                            }
                        });
                    }
                }
            });
            assertThat(got).containsExactly(1, 2, 3);
        }

        @Test
        void a_subscriber_learns_that_the_scope_of_the_publisher_has_ended() {
            Recorder recorder = new Recorder(1);
            TaskGroup.run(
                    _ -> AsyncIterable.<Integer>publisher(() -> numbers(100)).subscribe(recorder));
            assertThat(recorder.over).isTrue();
        }

        @AfterEach
        void nobody_produces() {
            assertThat(producing).isZero();
        }
    }
}
