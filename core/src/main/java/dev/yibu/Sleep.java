package dev.yibu;

import dev.yibu.lowlevel.Deadlines;
import dev.yibu.lowlevel.Driver;
import dev.yibu.lowlevel.Strand;
import dev.yibu.lowlevel.Suspension;
import dev.yibu.lowlevel.Suspension.Abort;
import dev.yibu.lowlevel.Timer;
import org.jspecify.annotations.Nullable;

/** A wait that a timer ends. It is the timer, and what the strand is seen to wait for. */
final class Sleep extends Timer {
    private final Suspension<@Nullable Void> suspension;
    private final Driver driver;
    private final long untilNanos;
    private final String label;

    /** Known beforehand: to follow the sleeper to its thread when it is time costs three cache misses. */
    private final boolean wakesVirtualThread = Thread.currentThread().isVirtual();

    private Sleep(Strand strand, long nanos, String label) {
        this.label = label;
        this.suspension = new Suspension<>(strand, this);
        this.driver = strand.driver();
        this.untilNanos = Deadlines.after(driver.nanoTime(), nanos);
    }

    static void sleep(Strand strand, long nanos) {
        sleep(strand, nanos, "sleep");
    }

    static void sleep(Strand strand, long nanos, String label) {
        strand.checkpoint();
        Sleep sleep = new Sleep(strand, nanos, label);
        sleep.driver.schedule(sleep, sleep.untilNanos);
        sleep.suspension.await(sleep::takeBack);
    }

    private Abort takeBack() {
        driver.cancel(this);
        return Abort.ABORTED;
    }

    @Override
    protected void expire() {
        suspension.resume(null);
    }

    @Override
    protected boolean wakesVirtualThread() {
        return wakesVirtualThread;
    }

    @Override
    public String toString() {
        return label;
    }
}
