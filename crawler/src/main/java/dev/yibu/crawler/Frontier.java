package dev.yibu.crawler;

import static dev.yibu.Async.sleep;

import dev.yibu.lowlevel.Strand;
import dev.yibu.lowlevel.Suspension;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The addresses that are known but not visited, first found first: an iterator that grows while it is iterated. They lie
 * in the storage; a few of each site are here. Sites take turns, and none has more visits under way than requests that it
 * takes at a time. While a target is under way it may bring new ones, so {@link #hasNext} waits; the end is when nothing
 * waits and nothing is under way, here or with others.
 *
 * <p>Workers take targets, one worker at a time; the crawl's owner settles them.
 */
final class Frontier implements Iterator<Target> {
    private static final Duration UNTIL_ANOTHER_LOOK = Duration.ofMillis(100);

    /** A site, and its next targets. */
    private static final class Lane {
        final String site;
        final Queue<Target> next = new ArrayDeque<>();
        int underWay;

        /** How much had come when the storage had no more to give; -1 if it may have more. */
        long emptyAt = -1;

        Lane(String site) {
            this.site = site;
        }
    }

    private final Storage storage;
    private final int atATime;
    private final ToIntFunction<String> capacity;
    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by the lock.
    private final List<Lane> lanes = new ArrayList<>();
    private int turn;
    private long arrivals;
    private long waiting;
    private int underWay;
    private @Nullable Suspension<@Nullable Void> taker;

    /**
     * A frontier.
     *
     * @param atATime how many targets of a site are taken from the storage at a time
     * @param capacity how many requests a site takes at a time
     */
    Frontier(Storage storage, Collection<String> sites, int atATime, ToIntFunction<String> capacity) {
        this.storage = storage;
        this.atATime = atATime;
        this.capacity = capacity;
        sites.forEach(site -> lanes.add(new Lane(site)));
    }

    /** Sets the number of addresses that nobody has taken, which is then kept up. */
    void waiting(long number) {
        lock.lock();
        try {
            waiting = number;
        } finally {
            lock.unlock();
        }
    }

    /** How many addresses are known and not dealt with, here or with nobody, as far as this crawler knows. */
    long left() {
        lock.lock();
        try {
            long left = waiting + underWay;
            for (Lane lane : lanes) {
                left += lane.next.size();
            }
            return left;
        } finally {
            lock.unlock();
        }
    }

    /** A target has been dealt with; what it brought is in the storage. */
    void settle(Settled settled) {
        String site = Addresses.site(settled.target().url());
        Suspension<@Nullable Void> woken;
        lock.lock();
        try {
            lane(site).underWay--;
            underWay--;
            waiting += settled.added();
            if (settled.added() > 0 || settled.page() == null) {
                arrivals++;
            }
            woken = taker;
            taker = null;
        } finally {
            lock.unlock();
        }
        if (woken != null) {
            woken.resume(null); // outside of the lock, since it wakes a thread, which looks again
        }
    }

    private Lane lane(String site) {
        for (Lane lane : lanes) {
            if (lane.site.equals(site)) {
                return lane;
            }
        }
        throw new IllegalStateException("a target of no site of this crawl");
    }

    @Override
    public boolean hasNext() {
        Strand strand = Objects.requireNonNull(Strand.current());
        for (; ; ) {
            Suspension<@Nullable Void> suspension = null;
            Lane hungry;
            long had;
            lock.lock();
            try {
                if (ready() != null) {
                    return true;
                }
                hungry = hungry();
                had = arrivals;
                if (hungry == null && underWay > 0 && lanes.stream().anyMatch(lane -> !lane.next.isEmpty())) {
                    suspension = new Suspension<>(strand, this); // only a settlement makes room
                    taker = suspension;
                }
            } finally {
                lock.unlock();
            }
            if (hungry != null) {
                fill(hungry, had);
            } else if (suspension != null) {
                suspension.await();
            } else if (!awaitMore(strand)) {
                return false;
            }
        }
    }

    /** Whether there may be more; waits until it is time for another look. */
    private boolean awaitMore(Strand strand) {
        boolean others = storage.othersAreAtWork();
        Suspension<@Nullable Void> suspension;
        lock.lock();
        try {
            if (hungry() != null || ready() != null) {
                return true; // a target was settled since the last look, perhaps the last one, and has brought others
            } else if (others) {
                suspension = null;
            } else if (underWay == 0) {
                return false;
            } else {
                suspension = new Suspension<>(strand, this);
                taker = suspension;
            }
        } finally {
            lock.unlock();
        }
        if (suspension != null) {
            suspension.await();
            return true;
        }
        sleep(UNTIL_ANOTHER_LOOK);
        lock.lock();
        try {
            arrivals++;
        } finally {
            lock.unlock();
        }
        return true;
    }

    private void fill(Lane lane, long had) {
        List<Target> targets = storage.take(lane.site, atATime);
        lock.lock();
        try {
            lane.next.addAll(targets);
            waiting -= targets.size();
            if (targets.size() < atATime) {
                lane.emptyAt = had;
            }
        } finally {
            lock.unlock();
        }
    }

    /** A lane whose next target may go, in turn. */
    private @Nullable Lane ready() {
        for (int i = 0; i < lanes.size(); i++) {
            Lane lane = lanes.get((turn + i) % lanes.size());
            if (!lane.next.isEmpty() && hasRoom(lane)) {
                return lane;
            }
        }
        return null;
    }

    /** A lane that has room, and for which the storage may have more. */
    private @Nullable Lane hungry() {
        for (Lane lane : lanes) {
            if (lane.next.isEmpty() && lane.emptyAt != arrivals && hasRoom(lane)) {
                return lane;
            }
        }
        return null;
    }

    private boolean hasRoom(Lane lane) {
        // While as many pages as may be requested are under way, almost as many more may wait to be parsed.
        return lane.underWay < 2 * capacity.applyAsInt(lane.site) - 1;
    }

    @Override
    public Target next() {
        lock.lock();
        try {
            Lane lane = ready();
            Target target = lane == null ? null : lane.next.poll();
            if (lane == null || target == null) {
                throw new NoSuchElementException();
            }
            turn = (lanes.indexOf(lane) + 1) % lanes.size();
            lane.underWay++;
            underWay++;
            return target;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String toString() {
        return "an address to visit";
    }
}
