package dev.yibu.sync;

import dev.yibu.Cancelled;
import dev.yibu.lowlevel.Strand;
import dev.yibu.lowlevel.Suspension;
import dev.yibu.lowlevel.Suspension.Abort;
import dev.yibu.lowlevel.WaitQueue;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A place where a fixed number of tasks wait for each other, again and again. Compare {@code asyncio.Barrier} and {@link
 * java.util.concurrent.CyclicBarrier}.
 *
 * <p><b>Usage.</b>
 *
 * {@snippet file="dev/yibu/Snippets.java" region=barrier}
 *
 * <p>When the last of the parties has arrived all go on, and the next generation can gather.
 *
 * <p><b>Cancellation.</b> {@link #await()} is a checkpoint. A party that is cancelled while it waits breaks the barrier: the
 * others, which would wait for it for ever, get a {@link BrokenException} that says so, and so does who comes later, until
 * {@link #reset()}. This is what {@code CyclicBarrier} does; {@code asyncio} goes on waiting for a substitute. A party that
 * is cancelled itself by the time it hears of the break gets {@link Cancelled}: a barrier whose parties are all cancelled
 * together adds no failure to that. If all had arrived in the moment of the cancellation, the barrier holds and the
 * cancellation is met at the next checkpoint.
 *
 * <p><b>Memory effects.</b> What a party did before {@code await} is visible to the others after it. Any thread may call any
 * method.
 */
public final class Barrier {
    private final ReentrantLock lock = new ReentrantLock();
    private final int parties;
    private final @Nullable String name;

    // Guarded by the lock.
    /** The parties of this generation that have arrived. A wait yields null, or why it was in vain. */
    private final WaitQueue<@Nullable String> waiters = new WaitQueue<>();

    private long generation;
    private @Nullable String brokenBecause;

    private Barrier(int parties, @Nullable String name) {
        if (parties < 1) {
            throw new IllegalArgumentException("a barrier for " + parties + " parties; one is the least");
        }
        this.parties = parties;
        this.name = name;
    }

    /**
     * A barrier.
     *
     * @param parties how many wait for each other; at least one
     * @return the barrier
     * @throws IllegalArgumentException if {@code parties} is less than one
     */
    public static Barrier of(int parties) {
        return new Barrier(parties, null);
    }

    /**
     * A barrier with a name.
     *
     * @param parties how many wait for each other; at least one
     * @param name what listings and messages call it
     * @return the barrier
     * @throws IllegalArgumentException if {@code parties} is less than one
     */
    public static Barrier of(int parties, String name) {
        return new Barrier(parties, Callers.named(name));
    }

    /**
     * Arrives, and waits until all have arrived.
     *
     * @return how many of this generation were there before; so exactly one party gets zero
     * @throws Cancelled if the caller is cancelled: if it was on entry, it has not arrived; if it was later, the barrier is
     *     broken
     * @throws BrokenException if the barrier is broken or reset, before or meanwhile
     */
    public int await() {
        Strand strand = Strand.current();
        if (strand == null) {
            return Strand.<Integer, RuntimeException>attached(this::await);
        }
        strand.checkpoint();
        Suspension<@Nullable String> suspension = new Suspension<>(strand, this);
        List<Suspension<@Nullable String>> complete = null;
        int index;
        lock.lock();
        try {
            index = waiters.size();
            if (brokenBecause != null) {
                boolean _ = suspension.claim(brokenBecause); // nobody else knows it yet
            } else if (index + 1 < parties) {
                waiters.add(suspension);
            } else {
                generation++;
                complete = waiters.pollAll();
            }
        } finally {
            lock.unlock();
        }
        if (complete != null) {
            resume(complete, null);
            return index;
        }
        String inVain = suspension.await(() -> leave(suspension));
        if (inVain != null) {
            strand.checkpoint(); // its own cancellation matters more
            throw new BrokenException(inVain);
        }
        return index;
    }

    private Abort leave(Suspension<@Nullable String> suspension) {
        String why = this + " is broken: "
                + Callers.describe(suspension.strand().holder()) + " was cancelled while it waited for the others";
        List<Suspension<@Nullable String>> others;
        lock.lock();
        try {
            if (!waiters.remove(suspension)) {
                return Abort.TOO_LATE; // all have arrived, or it is broken already
            }
            brokenBecause = why;
            others = waiters.pollAll();
        } finally {
            lock.unlock();
        }
        resume(others, why);
        return Abort.ABORTED;
    }

    private static void resume(List<Suspension<@Nullable String>> all, @Nullable String inVain) {
        for (Suspension<@Nullable String> suspension : all) {
            suspension.resume(inVain);
        }
    }

    /** Begins a new generation, whole again. Who waits gets a {@link BrokenException}. Never waits. */
    public void reset() {
        List<Suspension<@Nullable String>> waiting;
        lock.lock();
        try {
            brokenBecause = null;
            generation++;
            waiting = waiters.pollAll();
        } finally {
            lock.unlock();
        }
        resume(waiting, this + " was reset");
    }

    /**
     * Breaks the barrier: who waits, and who comes later, gets a {@link BrokenException}, until {@link #reset()}. For a
     * party that can't go on. Idempotent; never waits.
     */
    public void abort() {
        String why = this + " is broken: it was aborted";
        List<Suspension<@Nullable String>> waiting;
        lock.lock();
        try {
            if (brokenBecause == null) {
                brokenBecause = why;
            }
            waiting = waiters.pollAll();
        } finally {
            lock.unlock();
        }
        resume(waiting, why);
    }

    /**
     * What it looks like now.
     *
     * @return a snapshot
     */
    public Statistics statistics() {
        lock.lock();
        try {
            return new Statistics(parties, waiters.size(), generation, brokenBecause != null);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String toString() {
        return Callers.label("barrier", name);
    }

    /**
     * A barrier at some moment.
     *
     * @param parties how many wait for each other
     * @param waiting how many of them have arrived and wait
     * @param generation how often all have arrived, or it was reset
     * @param broken whether nobody can wait before it is reset
     */
    public record Statistics(int parties, int waiting, long generation, boolean broken) {}
}
