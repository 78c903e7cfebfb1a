package dev.yibu.http;

import dev.yibu.sync.Semaphore;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Places for requests: so many to a host, so many in all. A request takes the one of its host first, so that those who
 * wait for a busy host keep nobody else from a place.
 */
final class Slots {
    /** The places of one host, for as long as somebody has or wants one. */
    static final class Host {
        private final Origin origin;
        private final Semaphore places;

        /** Changed inside {@code compute} only. */
        private int users;

        Host(Origin origin, int limit) {
            this.origin = origin;
            this.places = Semaphore.bounded(limit, "connections to " + origin);
        }
    }

    private final Semaphore total;
    private final int perHost;
    private final ConcurrentMap<Origin, Host> hosts = new ConcurrentHashMap<>();

    Slots(HttpLimits limits) {
        this.total = Semaphore.bounded(limits.connections(), "connections of an HTTP session");
        this.perHost = limits.connectionsPerHost();
    }

    /** Waits for a place; whoever gets one gives it back with {@link #release}, once. */
    Host acquire(Origin origin) {
        Host host = hosts.compute(origin, (key, found) -> {
            Host place = found == null ? new Host(key, perHost) : found;
            place.users++;
            return place;
        });
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
                leave(host);
            }
        }
    }

    void release(Host host) {
        total.release();
        host.places.release();
        leave(host);
    }

    private void leave(Host host) {
        hosts.compute(host.origin, (_, found) -> --host.users == 0 ? null : found);
    }

    int inUse() {
        Semaphore.Statistics now = total.statistics();
        return now.bound() - now.available();
    }

    int waiting() {
        return total.statistics().waiting()
                + hosts.values().stream()
                        .mapToInt(host -> host.places.statistics().waiting())
                        .sum();
    }
}
