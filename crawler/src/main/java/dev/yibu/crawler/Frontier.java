package dev.yibu.crawler;

import dev.yibu.lowlevel.Strand;
import dev.yibu.lowlevel.Suspension;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The addresses that are known but not visited, first found first: an iterator that grows while it is iterated. While a
 * target is under way it may bring new ones, so {@link #hasNext} waits; the end is when nothing waits and nothing is
 * under way, or when as many pages as wanted have been delivered.
 *
 * <p>Workers take targets, one worker at a time; the crawl's owner adds and settles them.
 */
final class Frontier implements Iterator<Target> {
    private final int maxPages;
    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by the lock.
    private final Set<URI> known = new HashSet<>();
    private final Queue<Target> waiting = new ArrayDeque<>();
    private int underWay;
    private int delivered;
    private @Nullable Suspension<@Nullable Void> taker;

    Frontier(int maxPages) {
        this.maxPages = maxPages;
    }

    /** Whether nobody knew the address before; whoever is told so is the only one to deliver its page. */
    boolean claim(URI url) {
        lock.lock();
        try {
            return known.add(url);
        } finally {
            lock.unlock();
        }
    }

    /** Adds addresses that nobody knew. */
    void add(Iterable<URI> urls, int depth) {
        lock.lock();
        try {
            for (URI url : urls) {
                if (known.add(url)) {
                    waiting.add(new Target(url, depth));
                }
            }
        } finally {
            lock.unlock();
        }
        wakeTaker();
    }

    /** A target has been dealt with; what it brought has been added. */
    void settle(boolean wasDelivered) {
        lock.lock();
        try {
            underWay--;
            if (wasDelivered) {
                delivered++;
            }
        } finally {
            lock.unlock();
        }
        wakeTaker();
    }

    /** How many addresses nobody has taken. */
    int unvisited() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    /** Outside of the lock, since it wakes a thread; whoever is woken looks again. */
    private void wakeTaker() {
        Suspension<@Nullable Void> woken;
        lock.lock();
        try {
            woken = taker;
            taker = null;
        } finally {
            lock.unlock();
        }
        if (woken != null) {
            woken.resume(null);
        }
    }

    @Override
    public boolean hasNext() {
        Strand strand = Objects.requireNonNull(Strand.current());
        for (; ; ) {
            Suspension<@Nullable Void> suspension;
            lock.lock();
            try {
                if (!waiting.isEmpty() && delivered + underWay < maxPages) {
                    return true;
                }
                if (underWay == 0) {
                    return false;
                }
                suspension = new Suspension<>(strand, this);
                taker = suspension;
            } finally {
                lock.unlock();
            }
            suspension.await();
        }
    }

    @Override
    public Target next() {
        lock.lock();
        try {
            Target target = waiting.poll();
            if (target == null) {
                throw new NoSuchElementException();
            }
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
