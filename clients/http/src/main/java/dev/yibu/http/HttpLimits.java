package dev.yibu.http;

/**
 * What a session allows itself and its servers.
 *
 * @param connections how many requests may be under way at a time; further ones wait their turn. Over HTTP/1.1 each has a
 *     connection of its own, over HTTP/2 they share one
 * @param connectionsPerHost the same for each scheme, host and port
 * @param maxInMemory how many bytes of a body may be held in memory, after decompression, by {@code text()}, {@code bytes()},
 *     {@code json(...)} and {@code fetch()}
 * @param maxRatio how many times larger decompression may make a body; looked at once a body has grown beyond a megabyte
 */
public record HttpLimits(int connections, int connectionsPerHost, long maxInMemory, int maxRatio) {
    /** 100 connections, all of them to one host if need be; 64 MiB in memory; a ratio of 200. */
    public static final HttpLimits DEFAULT = new HttpLimits(100, 100, 64L * 1024 * 1024, 200);

    /**
     * Checks its arguments.
     *
     * @throws IllegalArgumentException if one is less than 1, or more in memory than an array holds
     */
    public HttpLimits {
        check(connections, "connections");
        check(connectionsPerHost, "connectionsPerHost");
        check(maxInMemory, "maxInMemory");
        check(maxRatio, "maxRatio");
        if (maxInMemory > Integer.MAX_VALUE - 16) {
            throw new IllegalArgumentException("maxInMemory is " + maxInMemory + "; an array holds 2 GB at most: stream"
                    + " larger bodies with send(...) or toFile(...)");
        }
    }

    private static void check(long limit, String name) {
        if (limit < 1) {
            throw new IllegalArgumentException("the limit " + name + " is " + limit + "; 1 is the least");
        }
    }

    /**
     * These with other numbers of connections.
     *
     * @param connections in all
     * @param connectionsPerHost for each host
     * @return the limits
     */
    public HttpLimits withConnections(int connections, int connectionsPerHost) {
        return new HttpLimits(connections, connectionsPerHost, maxInMemory, maxRatio);
    }

    /**
     * These with another size for bodies in memory.
     *
     * @param maxInMemory how many bytes
     * @return the limits
     */
    public HttpLimits withMaxInMemory(long maxInMemory) {
        return new HttpLimits(connections, connectionsPerHost, maxInMemory, maxRatio);
    }

    /**
     * These with another ratio of decompression.
     *
     * @param maxRatio how many times larger a body may grow
     * @return the limits
     */
    public HttpLimits withMaxRatio(int maxRatio) {
        return new HttpLimits(connections, connectionsPerHost, maxInMemory, maxRatio);
    }
}
