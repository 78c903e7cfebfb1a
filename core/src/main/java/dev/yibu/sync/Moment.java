package dev.yibu.sync;

import dev.yibu.lowlevel.Deadlines;
import dev.yibu.lowlevel.Driver;
import dev.yibu.lowlevel.Selectable;
import dev.yibu.lowlevel.Strand;
import dev.yibu.lowlevel.Suspension;
import dev.yibu.lowlevel.Timer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A time to wait for, as one of several things. */
final class Moment extends Selectable<@Nullable Void> {
    private static final Object REACHED = new Object();

    private final Function<Instant, Duration> delayFrom;
    private final Object description;

    Moment(Function<Instant, Duration> delayFrom, Object description) {
        this.delayFrom = delayFrom;
        this.description = description;
    }

    private long delayNanos(Driver driver) {
        return Deadlines.saturatedNanos(delayFrom.apply(driver.instant()));
    }

    @Override
    public @Nullable Object poll(List<? super Suspension<?>> claimed) {
        Strand strand = Strand.current();
        return strand != null && delayNanos(strand.driver()) <= 0 ? REACHED : null;
    }

    @Override
    public Registration register(Suspension<Object> suspension, int branch) {
        Driver driver = suspension.strand().driver();
        Timer timer = new Timer() {
            @Override
            protected void expire() {
                suspension.resume(new Chosen(branch, REACHED));
            }

            @Override
            public String toString() {
                return Moment.this.toString();
            }
        };
        driver.schedule(timer, Deadlines.after(driver.nanoTime(), delayNanos(driver)));
        return () -> driver.cancel(timer);
    }

    @Override
    public @Nullable Void value(Object raw) {
        return null;
    }

    @Override
    public String toString() {
        return "the time " + description;
    }
}
