package dev.yibu.lowlevel;

import java.time.Instant;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What the engine needs from the outside world: threads that park, time, timers, interrupts and randomness.
 *
 * <p>There are two kinds of driver. The {@linkplain #real() real one} runs each strand on a virtual thread of its own
 * and takes the time from the system. A simulated one, as a test kit has it, runs one strand at a time, chooses the
 * next one itself and lets the clock jump. Everything above this interface is the same bytecode under both.
 *
 * <p>Implementations are thread-safe. No method but {@link #enter}, {@link #crossing}, {@link #park} and {@link #yield}
 * may wait in production; under a simulated driver {@link #start}, {@link #unpark}, {@link #schedule}, {@link #cancel} and
 * {@link #interrupt} may give the turn to others as well, so nobody holds a lock of the library while calling them.
 */
public interface Driver {

    /**
     * The driver of production programs.
     *
     * @return the real driver, one for the whole process
     */
    static Driver real() {
        return RealDriver.INSTANCE;
    }

    /**
     * A monotonic clock in nanoseconds with an arbitrary origin; compare values by their difference only.
     *
     * @return the current value of this driver's monotonic clock
     */
    long nanoTime();

    /**
     * The time of day as this driver sees it.
     *
     * @return the current instant
     */
    Instant instant();

    /**
     * The source of every random choice that the library makes: jitter, fair selection.
     *
     * @return a thread-safe generator
     */
    RandomGenerator random();

    /**
     * A number that no other strand of this driver has had.
     *
     * @return the next number
     */
    long nextId();

    /**
     * Runs {@code body} on a thread of its own.
     *
     * @param strand the strand whose thread this will be
     * @param body what the thread runs; it throws nothing
     * @param name the thread's name, or null to leave it unnamed
     */
    void start(Strand strand, Runnable body, @Nullable String name);

    /**
     * Tells that a strand was given to somebody else's threads and is going to {@link #enter}.
     *
     * @param strand a strand that has not begun
     */
    void expect(Strand strand);

    /**
     * Takes back {@link #expect}: the strand will not come.
     *
     * @param strand a strand that was taken back from those threads
     */
    void forget(Strand strand);

    /**
     * Tells that a strand comes in on a thread that this driver did not start: an outermost call of Yibu, or work for
     * another strand on a pool's thread. A simulated driver waits here until it is the strand's turn. Pairs of this and
     * {@link #leave} may nest.
     *
     * @param strand a strand that the calling thread is going to run
     */
    void enter(Strand strand);

    /**
     * Tells that a strand that {@linkplain #enter entered} is over. The last thing that its thread does for it.
     *
     * @param strand the strand
     */
    void leave(Strand strand);

    /**
     * Tells that the strand has come to a checkpoint and has not yet looked at its cancel state. A simulated driver may
     * let others go first. Called by the strand itself, which holds no lock of the library.
     *
     * @param strand the calling strand
     */
    void crossing(Strand strand);

    /**
     * Waits until {@link #unpark} is called for the strand, has been called since its last {@code park}, or the thread
     * is interrupted. May also return for no reason. Called by the strand itself only.
     *
     * @param strand the calling strand
     * @param on what it waits for
     */
    void park(Strand strand, Suspension<?> on);

    /**
     * Makes the strand's current or next {@link #park} return. Any thread may call this.
     *
     * @param strand the strand to wake
     */
    void unpark(Strand strand);

    /**
     * Gives other strands a chance to run. Called by the strand itself only.
     *
     * @param strand the calling strand
     */
    @SuppressWarnings("NamedLikeContextualKeyword") // as Thread.yield
    void yield(Strand strand);

    /**
     * Arranges for {@link Timer#expire()} to be called once, not before {@link #nanoTime()} has reached the deadline.
     *
     * @param timer a timer that is not scheduled
     * @param deadlineNanos the time, on the scale of {@link #nanoTime()}
     */
    void schedule(Timer timer, long deadlineNanos);

    /**
     * Takes back a scheduled timer.
     *
     * @param timer the timer
     * @return whether it was still scheduled; if not, it has expired, is expiring or never was
     */
    boolean cancel(Timer timer);

    /**
     * Like {@link #schedule}, for diagnostics that must not keep a simulated clock running: such a timer may be dropped.
     *
     * @param timer a timer that is not scheduled
     * @param deadlineNanos the time, on the scale of {@link #nanoTime()}
     */
    void watch(Timer timer, long deadlineNanos);

    /**
     * How many timers are scheduled: sleeps, graces, and one for the deadlines of a strand, which may stay until that strand
     * ends. For listings, and to see that none is left over.
     *
     * @return those that have neither expired nor been cancelled, without those of {@link #watch}
     */
    int pendingTimers();

    /**
     * Runs a strand's pending interrupt, {@link Strand#fireInterrupt()}, or an abort hook, on a thread that nobody waits
     * for: both may block.
     *
     * @param work what to run
     */
    void interrupt(Runnable work);

    /**
     * Whether an interrupt of the strand's thread is there that the thread has not met. Any thread may ask.
     *
     * @param strand a strand that has a thread
     * @return whether the flag is set, or will be before the strand goes on
     */
    boolean isInterrupted(Strand strand);

    /**
     * Tells that a strand has made something that lends.
     *
     * @param lender what can be asked, later, whether everything has come back
     */
    void lends(Lender lender);

    /**
     * Tells that the strand is going to wait at the waist for something that threads bring about which this driver does
     * not know, such as a client's own. A simulated clock stands still meanwhile.
     *
     * @param strand the calling strand
     * @param name what it waits for, for reports
     */
    void enterForeign(Strand strand, String name);

    /**
     * Tells that the strand is back from {@link #enterForeign}.
     *
     * @param strand the calling strand
     */
    void exitForeign(Strand strand);
}
