package dev.yibu.stream;

import dev.yibu.CancelReason;
import dev.yibu.Cancelled;
import dev.yibu.Coroutine;
import dev.yibu.ScopedTasks;
import dev.yibu.Task;
import dev.yibu.lowlevel.Strand;
import dev.yibu.lowlevel.Suspension;
import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Items for subscribers elsewhere: each gets a task, which iterates as fast as the subscriber asks. */
final class ScopedPublisher<T> implements Flow.Publisher<T>, ScopedTasks.Listener {
    private static final Flow.Subscription ENDED = new Flow.Subscription() {
        @Override
        public void request(long n) {}

        @Override
        public void cancel() {}
    };

    private final Coroutine<? extends Iterable<? extends T>, ?> items;
    private final ScopedTasks tasks;

    /** Those whose task has not begun, and perhaps never will if the scope is cancelled. */
    private final Map<Long, Subscription> waiting = new ConcurrentSkipListMap<>();

    private final AtomicLong subscribed = new AtomicLong();

    ScopedPublisher(Coroutine<? extends Iterable<? extends T>, ?> items) {
        this.items = items;
        this.tasks = ScopedTasks.open("a publisher", this);
    }

    @Override
    public void subscribe(Flow.Subscriber<? super T> subscriber) {
        Subscription subscription =
                new Subscription(Objects.requireNonNull(subscriber, "subscriber"), subscribed.incrementAndGet());
        waiting.put(subscription.number, subscription);
        Coroutine<@Nullable Void, Throwable> work = () -> {
            subscription.run();
            return null;
        };
        try {
            Task<?> _ = tasks.start(work);
        } catch (IllegalStateException closed) {
            subscription.neverBegins();
            return;
        }
        if (tasks.isClosed()) {
            subscription.neverBegins(); // if its task has not begun by now
        }
    }

    @Override
    public void stopping() {
        waiting.values().forEach(Subscription::neverBegins);
    }

    private static CancellationException ended(@Nullable CancelReason reason) {
        return new CancellationException(
                "the scope of the publisher has ended" + (reason == null ? "" : ": " + reason));
    }

    private final class Subscription implements Flow.Subscription {
        private final Flow.Subscriber<? super T> subscriber;
        private final long number;
        private final AtomicBoolean begun = new AtomicBoolean();
        private final AtomicLong demand = new AtomicLong();

        // Written by the task.
        private volatile @Nullable Strand strand;
        private volatile @Nullable Suspension<@Nullable Void> sleeper;

        // Written by the subscriber, on any thread.
        private volatile boolean cancelled;
        private volatile @Nullable IllegalArgumentException misuse;

        Subscription(Flow.Subscriber<? super T> subscriber, long number) {
            this.subscriber = subscriber;
            this.number = number;
        }

        private boolean begin() {
            waiting.remove(number);
            return begun.compareAndSet(false, true);
        }

        void neverBegins() {
            if (begin()) {
                subscriber.onSubscribe(ENDED);
                subscriber.onError(ended(null));
            }
        }

        /** The task's body. */
        void run() throws Throwable {
            if (!begin()) {
                return;
            }
            Strand self = Objects.requireNonNull(Strand.current());
            strand = self;
            subscriber.onSubscribe(this);
            Throwable thrown = null;
            try {
                passOnAll(self);
            } catch (Throwable t) {
                thrown = self.translate(t);
            }
            Throwable misused = misuse;
            if (cancelled) {
                if (thrown != null) {
                    throw thrown;
                }
            } else if (misused != null) {
                subscriber.onError(misused);
                if (thrown != null) {
                    throw thrown;
                }
            } else if (thrown == null) {
                subscriber.onComplete();
            } else if (thrown instanceof Cancelled cancellation) {
                subscriber.onError(ended(cancellation.reason()));
                throw cancellation;
            } else {
                subscriber.onError(thrown);
            }
        }

        private void passOnAll(Strand self) throws Throwable {
            if (isOver()) {
                return;
            }
            Iterable<? extends T> iterable = items.run();
            try (AutoCloseable _ = iterable instanceof AutoCloseable closeable ? closeable : null) {
                Iterator<? extends T> iterator = iterable.iterator();
                while (!isOver() && iterator.hasNext()) {
                    T item = Objects.requireNonNull(iterator.next(), "a publisher can't publish null");
                    awaitDemand(self);
                    if (!isOver()) {
                        demand.updateAndGet(left -> left == Long.MAX_VALUE ? left : left - 1);
                        signal(self, item);
                    }
                }
            }
        }

        /** A subscriber that throws counts as one that has cancelled (rule 2.13); its exception is the task's failure. */
        private void signal(Strand self, T item) {
            try {
                subscriber.onNext(item);
            } catch (Throwable t) {
                if (!(self.translate(t) instanceof Cancelled)) {
                    cancelled = true;
                }
                throw t;
            }
        }

        private boolean isOver() {
            return cancelled || misuse != null;
        }

        private void awaitDemand(Strand self) {
            self.checkpoint();
            while (demand.get() == 0 && !isOver()) {
                Suspension<@Nullable Void> suspension = new Suspension<>(self, "the subscriber to ask for items");
                sleeper = suspension;
                if (demand.get() == 0 && !isOver()) {
                    suspension.await();
                }
                sleeper = null;
            }
        }

        @Override
        public void request(long count) {
            if (isOver()) {
                return;
            }
            if (count <= 0) {
                misuse = new IllegalArgumentException(
                        "request(" + count + "): a subscriber must ask for one item or more (rule 3.9)");
                stop("the subscriber asked for " + count + " items");
            } else {
                demand.accumulateAndGet(count, (a, b) -> a + b < 0 ? Long.MAX_VALUE : a + b);
                Suspension<@Nullable Void> suspension = sleeper;
                if (suspension != null) {
                    suspension.resume(null);
                }
            }
        }

        @Override
        public void cancel() {
            if (!cancelled) {
                cancelled = true;
                stop("the subscriber cancelled");
            }
        }

        private void stop(String reason) {
            Strand self = strand;
            if (self != null && self != Strand.current()) { // on its own thread it sees the flag
                self.cancel(new CancelReason(CancelReason.Kind.REQUESTED, reason));
            }
        }
    }
}
