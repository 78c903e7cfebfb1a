package dev.yibu.testkit;

import dev.yibu.lowlevel.Strand;
import dev.yibu.lowlevel.Suspension;
import dev.yibu.lowlevel.Timer;
import org.jspecify.annotations.Nullable;

/** Something in a simulated world that can have the turn. Guarded by the world's lock, but for what says otherwise. */
final class Actor {
    enum Kind {
        /** A thread of control of the program under test. */
        STRAND,
        /** A timer that is due. */
        TIMER,
        /** An interrupt that is to be delivered, an abort hook, a cancellation that the test kit injects. */
        INTERRUPTER
    }

    enum State {
        /** Could go on, if it had the turn. */
        READY,
        RUNNING,
        /** Waits at the waist, or in a {@link ForeignLatch}. */
        WAITING,
        /** Expected on a thread that has other work first. */
        QUEUED,
        /** In foreign code that blocks, for which it has lost the turn. */
        AWAY,
        ENDED
    }

    final Kind kind;
    final int number;

    /** Null for timers and interrupters. */
    final @Nullable Strand strand;

    /** What an actor that has no thread yet does: a strand's body, an interrupter's work. */
    @Nullable
    Runnable work;

    final @Nullable Timer timer;
    final @Nullable String label;

    volatile State state = State.READY;

    /** Written by the thread itself, or before it starts; read by anybody. */
    volatile @Nullable Thread thread;

    /** Whether its thread was interrupted and may not show it at the moment; written by the thread. */
    volatile boolean interrupted;

    /** Whether an unpark came while it did not wait. */
    boolean permit;

    /** Whether its thread is to unwind at once. */
    volatile boolean condemned;

    /** How many locks its thread holds in instrumented code. Owned by the thread. */
    int locks;

    /** The number of calls of enter() that have no leave() yet. */
    int depth;

    @Nullable
    Suspension<?> on;

    /** What threads outside of the simulation are to bring about, while it waits for that. */
    @Nullable
    String outside;

    /** The foreign code that it stands in for, while it waits there. */
    @Nullable
    ForeignLatch latch;

    /** For {@link Schedule}s that work with priorities. */
    int priority;

    Actor(
            Kind kind,
            int number,
            @Nullable Strand strand,
            @Nullable Runnable work,
            @Nullable Timer timer,
            @Nullable String label) {
        this.kind = kind;
        this.number = number;
        this.strand = strand;
        this.work = work;
        this.timer = timer;
        this.label = label;
    }

    /** Whether its thread was interrupted; looks at the flag first, since the thread says so before it hides the flag. */
    boolean isInterrupted() {
        Thread runner = thread;
        return (runner != null && runner.isInterrupted()) || interrupted;
    }

    boolean isStrand() {
        return kind == Kind.STRAND;
    }

    @Override
    public String toString() {
        return strand != null ? strand.toString() : label != null ? label : "timer of " + timer;
    }
}
