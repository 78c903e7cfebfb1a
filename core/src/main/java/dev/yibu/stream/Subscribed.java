package dev.yibu.stream;

import dev.yibu.CancelReason;
import dev.yibu.ScopedTasks;
import dev.yibu.lowlevel.Strand;
import dev.yibu.lowlevel.Throwing;
import java.lang.System.Logger.Level;
import java.util.Objects;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The items of somebody else's publisher. There are never more on their way than the buffer holds: it asks for that many
 * at first, and again for as many as have been taken whenever these are half of them.
 */
final class Subscribed<T> extends Source<T> implements Flow.Subscriber<T>, ScopedTasks.Listener {
    private static final Flow.Subscription CANCELLED = new Flow.Subscription() {
        @Override
        public void request(long n) {}

        @Override
        public void cancel() {}
    };

    private static final CancelReason CLOSED =
            new CancelReason(CancelReason.Kind.SCOPE_ENDED, "the iteration was closed");

    private final int buffer;
    private final Handoff<T> handoff = new Handoff<>(Integer.MAX_VALUE, "a subscription");
    private final AtomicReference<Flow.@Nullable Subscription> subscription = new AtomicReference<>();

    /** Has no tasks; ends the subscription with the enclosing scope. */
    private final ScopedTasks ending;

    private volatile boolean closed;

    /** Written before the handoff ends. */
    private volatile @Nullable Throwable failure;

    // Owned by the taker.
    private Flow.@Nullable Publisher<? extends T> publisher;
    private int taken;

    private volatile boolean failureIsRead;

    Subscribed(int buffer, Flow.@Nullable Publisher<? extends T> publisher) {
        this.buffer = buffer;
        this.publisher = publisher;
        this.ending = ScopedTasks.open("a subscription", this);
    }

    // ---------------------------------------------------------------- the subscriber; threads of the publisher

    @Override
    public void onSubscribe(Flow.Subscription granted) {
        Objects.requireNonNull(granted, "subscription");
        if (subscription.compareAndSet(null, granted)) {
            granted.request(buffer);
        } else {
            granted.cancel();
        }
    }

    @Override
    public void onNext(T item) {
        handoff.put(Objects.requireNonNull(item, "item"));
    }

    @Override
    public void onError(Throwable thrown) {
        failure = Objects.requireNonNull(thrown, "thrown");
        handoff.end();
    }

    @Override
    public void onComplete() {
        handoff.end();
    }

    // ---------------------------------------------------------------- the source

    @Override
    @Nullable
    Object next() {
        if (ending.isClosed() && !closed) {
            throw new IllegalStateException("the scope that owned this iteration has ended: iterate inside it");
        }
        Strand strand = Objects.requireNonNull(Strand.current());
        strand.checkpoint();
        Flow.Publisher<? extends T> unsubscribed = publisher;
        if (unsubscribed != null) {
            publisher = null;
            unsubscribed.subscribe(this);
        }
        Object item = handoff.take(strand);
        if (item == END) {
            Throwable thrown = failure;
            if (thrown != null) {
                failureIsRead = true;
                throw Throwing.<RuntimeException>any(thrown);
            }
            return END;
        }
        if (++taken >= (buffer + 1) / 2) {
            Flow.Subscription granted = subscription.get();
            int asked = taken;
            taken = 0;
            if (granted != null) {
                granted.request(asked);
            }
        }
        return item;
    }

    private void cancelSubscription() {
        Flow.Subscription granted = subscription.getAndSet(CANCELLED);
        if (granted != null) {
            granted.cancel();
        }
    }

    @Override
    public void stopping() {
        handoff.close(CLOSED);
        cancelSubscription();
        Throwable unread = failure;
        if (unread != null && !failureIsRead) {
            System.getLogger("dev.yibu")
                    .log(Level.ERROR, "a publisher has failed, and nobody has asked for so many items", unread);
        }
    }

    @Override
    void cancel(CancelReason reason) {
        cancelSubscription();
    }

    @Override
    void close() {
        closed = true;
        ending.close();
    }
}
