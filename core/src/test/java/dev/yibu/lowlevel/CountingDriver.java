package dev.yibu.lowlevel;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The real driver, and how often it is asked for what is dear. */
public final class CountingDriver extends ForwardingDriver {
    private final Map<Strand, AtomicInteger> wakeUps = new ConcurrentHashMap<>();

    /** Threads that were started. */
    public final AtomicInteger starts = new AtomicInteger();

    /** Timers that were set. */
    public final AtomicInteger timers = new AtomicInteger();

    /** How often the strand was woken. */
    public int wakeUpsOf(Strand strand) {
        AtomicInteger count = wakeUps.get(strand);
        return count == null ? 0 : count.get();
    }

    @Override
    public void start(Strand strand, Runnable body, @Nullable String name) {
        starts.incrementAndGet();
        super.start(strand, body, name);
    }

    @Override
    public void unpark(Strand strand) {
        wakeUps.computeIfAbsent(strand, _ -> new AtomicInteger()).incrementAndGet();
        super.unpark(strand);
    }

    @Override
    public void schedule(Timer timer, long deadlineNanos) {
        timers.incrementAndGet();
        super.schedule(timer, deadlineNanos);
    }
}
