package dev.yibu.lowlevel;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A scope that cancellation from outside can't enter for at most a grace, which is counted from the later of entry and
 * cancellation. Compare {@code trio.CancelScope(shield=True)} with a deadline. Its own cancellation works as ever.
 */
public final class Shield extends CancelScope {
    private final long graceNanos;

    private enum Grace {
        NOT_NEEDED,
        STARTING,
        RUNNING,
        EXPIRING,
        OVER,
        LEFT
    }

    private final AtomicReference<Grace> state = new AtomicReference<>(Grace.NOT_NEEDED);
    private final Timer grace = new Timer() {
        @Override
        protected void expire() {
            for (Grace now = state.get(); ; now = state.get()) {
                if (now == Grace.LEFT) {
                    return; // what the strand has paid since then stays paid
                }
                if (state.compareAndSet(now, Grace.EXPIRING)) {
                    break;
                }
            }
            strand.oweAgain(parent);
            strand.cancellations().begin();
            shielding = false;
            strand.cancellations().end();
            state.set(Grace.OVER);
            strand.deliver();
        }

        @Override
        public String toString() {
            return "grace of a shield in " + strand;
        }
    };

    /**
     * A shield inside the strand's current scope.
     *
     * @param strand the owner, which is the calling strand
     * @param graceNanos how long it lasts once there is a cancellation to keep out
     */
    public Shield(Strand strand, long graceNanos) {
        super(strand);
        this.graceNanos = graceNanos;
        this.shielding = graceNanos > 0;
    }

    /** Makes this the current scope; an interrupt that was on its way is kept out, one that has arrived is cleared. */
    @Override
    public void enter() {
        super.enter();
        if (!shielding) { // a grace of zero is over at once
            strand.oweAgain(parent);
            strand.interruptIfOwed();
            return;
        }
        if (Thread.currentThread().isInterrupted()) {
            strand.noticeInterrupt();
        }
        strand.closeInterruptWindow(parent);
        if (parent != null && parent.isCancelled()) {
            startGrace();
        }
        strand.interruptIfOwed(); // the grace may be over already
    }

    /** Called by whoever sees that a cancellation has reached this shield, as often as it likes. */
    void startGrace() {
        if (shielding && state.compareAndSet(Grace.NOT_NEEDED, Grace.STARTING)) {
            strand.driver().schedule(grace, Deadlines.after(strand.driver().nanoTime(), graceNanos));
            if (!state.compareAndSet(Grace.STARTING, Grace.RUNNING)) {
                strand.driver().cancel(grace); // the shield was left meanwhile
            }
        }
    }

    @Override
    public @Nullable Throwable leave(@Nullable Throwable thrown) {
        for (Grace now = state.get(); now != Grace.LEFT; now = state.get()) {
            if (now == Grace.EXPIRING) {
                Thread.onSpinWait(); // for a few writes of the timer's thread
            } else if (state.compareAndSet(now, Grace.LEFT) && now == Grace.RUNNING) {
                strand.driver().cancel(grace);
            }
        }
        return super.leave(thrown);
    }
}
