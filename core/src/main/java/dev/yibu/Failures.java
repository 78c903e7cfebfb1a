package dev.yibu;

import java.io.Serial;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
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

    /** Says that a failure will be added: no later one is the first. */
    void announce(Throwable failure) {
        first.compareAndSet(null, failure);
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
        if (reaches(thrown, other, false)) {
            return; // it is in there already
        }
        if (reaches(other, thrown, true)) {
            Mention mention = new Mention(describe(other));
            mention.setStackTrace(other.getStackTrace());
            thrown.addSuppressed(mention);
        } else {
            thrown.addSuppressed(other);
        }
    }

    /** Attaches what failed on the way of a cancellation to the failure that is thrown in its place. */
    static void suppressAll(Throwable thrown, Cancelled replaced) {
        replaced.failures().forEach(failure -> suppress(thrown, failure));
    }

    /** Whether one exception is among the causes and suppressed exceptions of another, as far as a bounded search sees. */
    private static boolean reaches(Throwable from, Throwable target, boolean whenUnsure) {
        Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        Deque<Throwable> todo = new ArrayDeque<>();
        todo.add(from);
        for (Throwable next = todo.poll(); next != null; next = todo.poll()) {
            if (next == target) {
                return true;
            }
            if (seen.size() >= SEARCHED) {
                return whenUnsure;
            }
            if (seen.add(next)) {
                Collections.addAll(todo, next.getSuppressed());
                if (next.getCause() != null) {
                    todo.add(next.getCause());
                }
            }
        }
        return false;
    }

    /** What an exception says of itself, even if saying it fails. */
    static String describe(Throwable failure) {
        try {
            return failure.toString();
        } catch (RuntimeException | Error e) {
            return failure.getClass().getName();
        }
    }

    /** Stands for failures that can't be attached themselves. */
    @SuppressWarnings("OverrideThrowableToString") // it is to print as what it stands for, without a class of its own
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
