package dev.yibu;

import java.io.Serial;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The failures of one group: the first is what will be thrown, with its own type, and carries the others as suppressed.
 * Thread-safe while failures arrive; {@link #toThrow()} is for afterwards.
 */
final class Failures {
    private static final int KEPT = 32;
    private static final int SEARCHED = 256;

    private final AtomicReference<@Nullable Throwable> first = new AtomicReference<>();
    private final Queue<Throwable> others = new ConcurrentLinkedQueue<>();
    private final AtomicInteger otherCount = new AtomicInteger();

    void add(Throwable failure) {
        if (first.compareAndSet(null, failure) || first.get() == failure) {
            return;
        }
        if (otherCount.incrementAndGet() <= KEPT) {
            others.add(failure);
        }
    }

    /** Forgets all, since there is a result in spite of them. */
    void clear() {
        first.set(null);
        others.clear();
        otherCount.set(0);
    }

    @Nullable
    Throwable toThrow() {
        Throwable thrown = first.get();
        if (thrown == null) {
            return null;
        }
        for (Throwable other : others) {
            suppress(thrown, other);
        }
        int omitted = otherCount.get() - others.size();
        if (omitted > 0) {
            thrown.addSuppressed(new Mention("and " + omitted + " more failures"));
        }
        return thrown;
    }

    /** Attaches a failure to the one that is thrown: once, and never so that a circle arises. */
    static void suppress(Throwable thrown, Throwable other) {
        if (reaches(thrown, other)) {
            return; // it is in there already
        }
        if (reaches(other, thrown)) {
            Mention mention = new Mention(other.toString());
            mention.setStackTrace(other.getStackTrace());
            thrown.addSuppressed(mention);
        } else {
            thrown.addSuppressed(other);
        }
    }

    private static boolean reaches(Throwable from, Throwable target) {
        return reaches(from, target, Collections.newSetFromMap(new IdentityHashMap<>()));
    }

    private static boolean reaches(@Nullable Throwable from, Throwable target, Set<Throwable> seen) {
        if (from == target) {
            return true;
        }
        if (from == null || seen.size() >= SEARCHED || !seen.add(from)) {
            return false;
        }
        for (Throwable suppressed : from.getSuppressed()) {
            if (reaches(suppressed, target, seen)) {
                return true;
            }
        }
        return reaches(from.getCause(), target, seen);
    }

    /** Stands for failures that can't be attached themselves. */
    static final class Mention extends RuntimeException {
        @Serial
        private static final long serialVersionUID = 1L;

        Mention(String message) {
            super(message, null, false, true);
        }

        @Override
        public Throwable fillInStackTrace() {
            return this;
        }

        @Override
        public String toString() {
            return String.valueOf(getMessage());
        }
    }
}
