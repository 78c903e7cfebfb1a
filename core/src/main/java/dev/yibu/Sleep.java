package dev.yibu;

import dev.yibu.lowlevel.Deadlines;
import dev.yibu.lowlevel.Driver;
import dev.yibu.lowlevel.Strand;
import dev.yibu.lowlevel.Suspension;
import dev.yibu.lowlevel.Suspension.Abort;
import dev.yibu.lowlevel.Suspension.AbortHandler;
import dev.yibu.lowlevel.Timer;
import org.jspecify.annotations.Nullable;

/** A wait that a timer ends. It is the timer, and takes itself back when the wait is cancelled. */
final class Sleep extends Timer implements AbortHandler {
    private final Suspension<@Nullable Void> suspension;

    /** Known beforehand: to follow the sleeper to its thread when it is time costs three cache misses. */
    private final boolean wakesVirtualThread = Thread.currentThread().isVirtual();

    private Sleep(Suspension<@Nullable Void> suspension) {
        this.suspension = suspension;
    }

    static void sleep(Strand strand, long nanos) {
        sleep(strand, nanos, "sleep");
    }

    static void sleep(Strand strand, long nanos, String label) {
        strand.checkpoint();
        Driver driver = strand.driver();
        Suspension<@Nullable Void> suspension = new Suspension<>(strand, label);
        Sleep sleep = new Sleep(suspension);
        driver.schedule(sleep, Deadlines.after(driver.nanoTime(), nanos));
        suspension.await(sleep);
    }

    @Override
    public Abort abort() {
        suspension.strand().driver().cancel(this);
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
        return suspension.on().toString();
    }
}
