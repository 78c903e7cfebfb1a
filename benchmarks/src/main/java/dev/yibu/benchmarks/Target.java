package dev.yibu.benchmarks;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How Yibu is to compare: its median ratio to a competitor of the same experiment.
 *
 * @param against the competitor's name
 * @param atMost the ratio that is to be reached
 */
record Target(String against, double atMost) {
    private static final Map<String, List<Target>> ALL = Map.ofEntries(
            Map.entry(
                    "gather-1000",
                    List.of(
                            new Target("raw virtual threads", 1.1),
                            new Target("StructuredTaskScope", 0.75),
                            new Target("Jox", 0.5),
                            new Target("asyncio", 0.05))),
            Map.entry("sleep", List.of(new Target("Thread.sleep", 0.7))),
            Map.entry("heap", List.of(new Target("raw virtual threads", 1.0))),
            Map.entry(
                    "timeout",
                    List.of(new Target("removing ScheduledThreadPoolExecutor", 0.2), new Target("kotlinx", 1.0 / 15))),
            Map.entry("cancel", List.of(new Target("interrupt + join", 0.45))),
            Map.entry("channel-buffered", List.of(new Target("ArrayBlockingQueue", 0.6), new Target("Jox", 0.6))),
            Map.entry("channel-rendezvous", List.of(new Target("SynchronousQueue", 0.8))),
            Map.entry("ping-pong", List.of(new Target("park and unpark", 0.5))),
            Map.entry("generator", List.of(new Target("asyncio", 0.25))),
            Map.entry("fan-out", List.of(new Target("thread each, j.u.c. Semaphore", 0.25))),
            Map.entry("files", List.of(new Target("one after the other", 1.3), new Target("Python, aiofiles", 0.1))),
            Map.entry("http-100", List.of(new Target("OkHttp", 1 / 0.95), new Target("aiohttp, uvloop", 1.0 / 6))),
            Map.entry("https-100", List.of(new Target("aiohttp, uvloop", 1 / 4.5))),
            Map.entry("body-100MB", List.of(new Target("OkHttp", 1 / 0.95))),
            Map.entry(
                    "queries-100",
                    List.of(new Target("HikariCP", 1 / 1.4), new Target("asyncpg, uvloop, held", 1 / 2.3))),
            Map.entry("crawl", List.of(new Target("aiohttp, bs4", 1.0 / 14), new Target("aiohttp, lxml", 1 / 1.5))));

    /** The experiments that have targets. */
    static Set<String> experiments() {
        return ALL.keySet();
    }

    static List<Target> of(String experiment) {
        return ALL.getOrDefault(experiment, List.of());
    }
}
