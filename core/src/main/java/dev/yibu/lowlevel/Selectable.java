package dev.yibu.lowlevel;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Something that can be one of several things to wait for: to receive from a channel, to send to it, the end of a task.
 * {@code dev.yibu.sync.Select} waits for the first of them. Users pass these objects on; the methods are for {@code
 * Select}, and for authors of primitives.
 *
 * <p><b>Protocol.</b> There is one suspension for all branches, and whoever ends it has chosen the branch. The strand
 * takes the locks of all branches, the lowest {@linkplain #rank() rank} first, and {@linkplain #poll polls} them. If none
 * is ready it {@linkplain #register registers} the suspension everywhere before it releases a lock: so
 * nobody can end the wait by one branch while the strand itself takes another. Branches without a lock are polled first and
 * registered last.
 *
 * @param <V> what it yields
 */
public abstract class Selectable<V extends @Nullable Object> {

    /**
     * What the suspension of a select is ended with.
     *
     * @param branch the number that was given to {@link #register}
     * @param value what is then given to {@link #value}
     */
    public record Chosen(int branch, Object value) {
        /** Refuses null. */
        public Chosen {
            Objects.requireNonNull(value, "value");
        }
    }

    /** What takes a suspension back from where {@link #register} has left it. */
    @FunctionalInterface
    public interface Registration {
        /** Takes it back; does nothing if it is not there any more. Called without any lock. */
        void remove();
    }

    /** For subclasses. */
    protected Selectable() {}

    /**
     * The place of its lock in the order in which locks are taken. Things with the same rank have the same lock.
     *
     * @return the rank, or 0 if it has no lock
     */
    public long rank() {
        return 0;
    }

    /** Takes the lock. */
    public void lock() {}

    /** Releases the lock. */
    public void unlock() {}

    /**
     * Does it, if that is possible without waiting. Called with the lock; where there is none, without any lock, and what
     * is ready must then remain so, and must not be used up by asking.
     *
     * @param claimed receives the suspensions that were {@linkplain Suspension#claim claimed} and that the caller is to
     *     wake when it has released the locks
     * @return what is to be given to {@link #value}, or null if it is not possible now
     */
    public abstract @Nullable Object poll(List<? super Suspension<?>> claimed);

    /**
     * Leaves a suspension where the other party finds it. That party ends it with a {@link Chosen}. Called with the lock;
     * where there is none, without any.
     *
     * @param suspension the suspension of the calling strand
     * @param branch the number that chooses this one
     * @return what takes it back
     */
    public abstract Registration register(Suspension<Object> suspension, int branch);

    /**
     * What it yields; called once, if it was chosen, on the strand that waited and without any lock.
     *
     * @param raw what {@link #poll} returned, or the value of the {@link Chosen}
     * @return the value; it may throw instead, whatever the thing fails with
     */
    public abstract V value(Object raw);
}
