package dev.yibu.stream;

import static dev.yibu.Async.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Filter;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** From publishers and to subscribers; the rules of Reactive Streams themselves are tested by their own kit. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FlowTest {
    private static final Duration LONG = Duration.ofHours(1);

    private static List<Integer> list(int n) {
        return IntStream.range(0, n).boxed().toList();
    }

    /** Publishes on the thread that asks, and knows how much was asked for. */
    private static final class Counting implements Flow.Publisher<Integer> {
        private final AtomicLong asked = new AtomicLong();
        private final AtomicInteger sent = new AtomicInteger();
        private final AtomicBoolean cancelled = new AtomicBoolean();
        private final AtomicInteger subscribed = new AtomicInteger();

        @Override
        public void subscribe(Flow.Subscriber<? super Integer> subscriber) {
            subscribed.incrementAndGet();
            subscriber.onSubscribe(new Flow.Subscription() {
                @Override
                public void request(long n) {
                    asked.addAndGet(n);
                    for (long i = 0; i < n; i++) {
                        subscriber.onNext(sent.getAndIncrement());
                    }
                }

                @Override
                public void cancel() {
                    cancelled.set(true);
                }
            });
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 10})
    void a_publisher_is_asked_for_no_more_than_the_buffer_holds(int buffer) {
        run(() -> {
            Counting publisher = new Counting();
            try (AsyncIterable<Integer> items = AsyncIterable.from(publisher, buffer)) {
                assertThat(publisher.subscribed).as("lazily").hasValue(0);
                Iterator<Integer> iterator = items.iterator();
                for (int taken = 1; taken <= 100; taken++) {
                    assertThat(iterator.next()).isEqualTo(taken - 1);
                    assertThat(publisher.asked.get()).isBetween((long) taken, (long) taken + buffer);
                }
                assertThat(publisher.cancelled).isFalse();
            }
            assertThat(publisher.cancelled).isTrue();
        });
    }

    @Test
    void a_failure_of_a_publisher_that_nobody_gets_to_read_is_logged() {
        IOException failure = new IOException("it broke");
        Flow.Publisher<Integer> failing = subscriber -> {
            subscriber.onSubscribe(new Flow.Subscription() {
                @Override
                public void request(long n) {}

                @Override
                public void cancel() {}
            });
            subscriber.onNext(1);
            subscriber.onNext(2);
            subscriber.onError(failure);
        };
        for (int items = 1; items <= 3; items++) {
            List<Throwable> logged = new CopyOnWriteArrayList<>();
            Filter filter = record -> !logged.add(record.getThrown());
            Logger logger = Logger.getLogger("dev.yibu");
            logger.setFilter(filter);
            int wanted = items;
            try {
                run(() -> {
                    try (AsyncIterable<Integer> all = AsyncIterable.from(failing, 4)) {
                        Iterator<Integer> iterator = all.iterator();
                        for (int i = 1; i <= Math.min(2, wanted); i++) {
                            assertThat(iterator.next()).isEqualTo(i);
                        }
                        if (wanted == 3) {
                            assertThatThrownBy(iterator::next).isSameAs(failure);
                        }
                    }
                });
            } finally {
                logger.setFilter(null);
            }
            assertThat(logged).isEqualTo(items == 3 ? List.of() : List.of(failure));
        }
    }

    @Test
    void an_abandoned_subscription_is_cancelled_with_the_scope() {
        run(() -> {
            Counting publisher = new Counting();
            timeout(LONG, () -> {
                assertThat(AsyncIterable.from(publisher, 2).iterator().next()).isZero();
                assertThat(publisher.cancelled).isFalse();
            });
            assertThat(publisher.cancelled).isTrue();
        });
    }

    @Test
    void items_pass_through_both_ways() {
        run(() -> {
            Flow.Publisher<Integer> publisher = AsyncIterable.publisher(() -> generator(Integer.class, out -> {
                for (int i = 0; i < 500; i++) {
                    out.emit(i);
                }
            }));
            assertThat(AsyncIterable.from(publisher, 7).toList()).isEqualTo(list(500));
            assertThat(AsyncIterable.from(publisher, 1).toList())
                    .as("once more")
                    .isEqualTo(list(500));
        });
    }

    @Test
    void a_failure_passes_through_both_ways_after_the_items() {
        IOException failure = new IOException("it broke");
        run(() -> {
            Flow.Publisher<Integer> publisher = AsyncIterable.publisher(() -> generator(Integer.class, out -> {
                out.emit(1);
                throw failure;
            }));
            List<Integer> heard = new ArrayList<>();
            AsyncIterable<Integer> items = AsyncIterable.from(publisher, 7);
            assertThatThrownBy(() -> items.each(heard::add)).isSameAs(failure);
            assertThat(heard).containsExactly(1);
        });
    }

    @Test
    void to_close_the_subscribing_side_ends_the_publishing_one() {
        AtomicInteger running = new AtomicInteger();
        run(() -> {
            Flow.Publisher<Integer> publisher = AsyncIterable.publisher(() -> generator(Integer.class, out -> {
                running.incrementAndGet();
                try {
                    for (int i = 0; ; i++) {
                        out.emit(i);
                    }
                } finally {
                    running.decrementAndGet();
                }
            }));
            timeout(
                    LONG,
                    () -> assertThat(AsyncIterable.from(publisher, 3).take(5).toList())
                            .isEqualTo(list(5)));
            Until.holds(() -> running.get() == 0); // its task belongs to the scope of the publisher
        });
    }

    /** Remembers how it ended. */
    private static class Remembering implements Flow.Subscriber<Integer> {
        final List<Integer> heard = new ArrayList<>();
        volatile Flow.Subscription subscription;
        volatile Object end;

        @Override
        public void onSubscribe(Flow.Subscription granted) {
            subscription = granted;
        }

        @Override
        public void onNext(Integer item) {
            heard.add(item);
        }

        @Override
        public void onError(Throwable thrown) {
            end = thrown;
        }

        @Override
        public void onComplete() {
            end = "complete";
        }
    }

    @Test
    void the_end_of_the_scope_is_an_error_for_subscribers_that_are_not_done() {
        Remembering subscriber = new Remembering();
        Remembering tooLate = new Remembering();
        run(() -> {
            Flow.Publisher<Integer> publisher = timeout(LONG, () -> {
                Flow.Publisher<Integer> made = AsyncIterable.publisher(() -> list(3));
                made.subscribe(subscriber);
                return made;
            });
            assertThat(subscriber.end).isInstanceOf(CancellationException.class);
            assertThat(subscriber.subscription).isNotNull();
            publisher.subscribe(tooLate);
            assertThat(tooLate.end).isInstanceOf(CancellationException.class);
            assertThat(tooLate.subscription).isNotNull();
        });
    }

    @Test
    void a_subscriber_gets_what_it_asked_for_and_then_the_end() {
        run(() -> {
            Remembering subscriber = new Remembering();
            AsyncIterable.<Integer>publisher(() -> list(3)).subscribe(subscriber);
            Until.holds(() -> subscriber.subscription != null);
            Until.holds(() -> allTasks().stream()
                    .flatMap(task -> task.waitingFor().stream())
                    .anyMatch(what -> what.toString().contains("the subscriber to ask for items")));
            assertThat(subscriber.heard).isEmpty();
            subscriber.subscription.request(2);
            subscriber.subscription.request(Long.MAX_VALUE);
            Until.holds(() -> subscriber.end != null);
            assertThat(subscriber.end).isEqualTo("complete");
            assertThat(subscriber.heard).isEqualTo(list(3));
        });
    }

    @Test
    void a_subscriber_that_cancels_in_the_middle_hears_no_more_and_is_not_interrupted() {
        run(() -> {
            AtomicBoolean interrupted = new AtomicBoolean();
            AtomicBoolean closed = new AtomicBoolean();
            Remembering subscriber = new Remembering() {
                @Override
                public void onSubscribe(Flow.Subscription granted) {
                    super.onSubscribe(granted);
                    granted.request(100);
                }

                @Override
                public void onNext(Integer item) {
                    super.onNext(item);
                    if (item == 2) {
                        subscription.cancel();
                        interrupted.set(Thread.currentThread().isInterrupted());
                    }
                }
            };
            AsyncIterable.<Integer>publisher(
                            () -> AsyncIterable.from(list(10).stream().onClose(() -> closed.set(true))))
                    .subscribe(subscriber);
            Until.holds(closed::get);
            assertThat(subscriber.heard).isEqualTo(list(3));
            assertThat(subscriber.end).isNull();
            assertThat(interrupted).isFalse();
        });
    }

    @Test
    void bad_arguments_are_named() {
        assertThatThrownBy(() -> AsyncIterable.publisher(() -> list(1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("run(...)");
        assertThatThrownBy(() -> AsyncIterable.from(new Counting(), 1)).isInstanceOf(IllegalStateException.class);
        run(() -> {
            assertThatThrownBy(() -> AsyncIterable.from(new Counting(), 0))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("0");
            assertThatThrownBy(() -> AsyncIterable.from((Flow.Publisher<Integer>) null, 1))
                    .isInstanceOf(NullPointerException.class)
                    .hasMessage("publisher");
            assertThatThrownBy(() ->
                            AsyncIterable.<Integer>publisher(() -> list(1)).subscribe(null))
                    .isInstanceOf(NullPointerException.class)
                    .hasMessage("subscriber");
        });
    }
}
