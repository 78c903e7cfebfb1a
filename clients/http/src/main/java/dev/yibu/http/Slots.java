package dev.yibu.http;

import dev.yibu.sync.Semaphore;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Places for requests: so many to a host, so many in all. A request takes the one of its host first, so that those who
 * wait for a busy host keep nobody else from a place.
 */
final class Slots {
    /** Hosts that nobody uses are forgotten when there are more than these. */
    private static final int MOST_IDLE = 256;

    /** The places of one host. */
    static final class Host {
        private static final int FORGOTTEN = -1;

        private final Semaphore places;

        /** Who has or wants a place, or {@link #FORGOTTEN}. */
        private final AtomicInteger users = new AtomicInteger();

        Host(String name, int limit) {
            this.places = Semaphore.bounded(limit, name);
        }

        /** Returns false if it is forgotten, and another has taken its place. */
        private boolean enter() {
            for (; ; ) {
                int now = users.get();
                if (now == FORGOTTEN) {
                    return false;
                }
                if (users.compareAndSet(now, now + 1)) {
                    return true;
                }
            }
        }

        private void leave() {
            users.decrementAndGet();
        }

        private boolean isForgotten() {
            return users.get() == FORGOTTEN || users.compareAndSet(0, FORGOTTEN);
        }
    }

    private final Semaphore total;
    private final int perHost;

    /** What all hosts have, if the total alone limits them. */
    private final Host any;

    private final boolean hostsCount;
    private final ConcurrentMap<Origin, Host> hosts = new ConcurrentHashMap<>();

    Slots(HttpLimits limits) {
        this.total = Semaphore.bounded(limits.connections(), "connections of an HTTP session");
        this.perHost = limits.connectionsPerHost();
        this.hostsCount = perHost < limits.connections();
        this.any = new Host("no host of its own", limits.connections());
    }

    /** Waits for a place; whoever gets one gives it back with {@link #release}, once. */
    Host acquire(Hop hop) {
        if (!hostsCount) {
            total.acquire();
            return any;
        }
        Host host = enter(hop.origin());
        boolean hasPlace = false;
        boolean done = false;
        try {
            host.places.acquire();
            hasPlace = true;
            total.acquire();
            done = true;
            return host;
        } finally {
            if (!done) {
                if (hasPlace) {
                    host.places.release();
                }
                host.leave();
            }
        }
    }

    private Host enter(Origin origin) {
        for (; ; ) {
            Host found = hosts.get(origin);
            if (found == null) {
                if (hosts.size() >= MOST_IDLE) {
                    hosts.values().removeIf(Host::isForgotten);
                }
                found = hosts.computeIfAbsent(origin, key -> new Host("connections to " + key, perHost));
            }
            if (found.enter()) {
                return found;
            }
            hosts.remove(origin, found);
        }
    }

    void release(Host host) {
        total.release();
        if (host != any) {
            host.places.release();
            host.leave();
        }
    }

    int waiting() {
        return total.statistics().waiting()
                + hosts.values().stream()
                        .mapToInt(host -> host.places.statistics().waiting())
                        .sum();
    }
}
