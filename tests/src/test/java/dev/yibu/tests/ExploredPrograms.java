package dev.yibu.tests;

import static dev.yibu.Async.asCompleted;
import static dev.yibu.Async.checkpoint;
import static dev.yibu.Async.createTask;
import static dev.yibu.Async.mapConcurrent;
import static dev.yibu.Async.moveOnAfter;
import static dev.yibu.Async.race;
import static dev.yibu.Async.random;
import static dev.yibu.Async.run;
import static dev.yibu.Async.shield;
import static dev.yibu.Async.sleep;
import static dev.yibu.Async.timeout;
import static dev.yibu.Async.usingRun;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import dev.yibu.Action;
import dev.yibu.GroupOptions;
import dev.yibu.TaskGroup;
import dev.yibu.TimeoutException;
import dev.yibu.lowlevel.ForeignCall;
import dev.yibu.testkit.ForeignLatch;
import dev.yibu.testkit.Tracked;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Programs that use a bit of everything. */
final class ExploredPrograms {
    private ExploredPrograms() {}

    static Map<String, Action<?>> all() {
        Map<String, Action<?>> programs = new LinkedHashMap<>();
        programs.put("groups with failures and timeouts", ExploredPrograms::groups);
        programs.put("foreign code that is interrupted and aborted", ExploredPrograms::foreignCode);
        programs.put("races, maps and results as they complete", ExploredPrograms::combinators);
        programs.put("background tasks and random sleeps", ExploredPrograms::background);
        return programs;
    }

    private static void groups() {
        run(() -> {
            try {
                TaskGroup.run(GroupOptions.named("outer"), group -> {
                    group.start("failing", () -> {
                        sleep(ofSeconds(2));
                        throw new IOException("failed");
                    });
                    group.start(
                            "nested",
                            () -> TaskGroup.run(inner -> {
                                inner.start("slow", () -> sleep(ofSeconds(9)));
                                inner.start(
                                        "cleaning up",
                                        () -> usingRun(
                                                () -> Tracked.open("a connection"),
                                                connection -> {
                                                    sleep(ofMillis(10));
                                                    connection.close();
                                                },
                                                _ -> sleep(ofSeconds(9))));
                                boolean ignored = moveOnAfter(ofSeconds(1), () -> sleep(ofSeconds(1)));
                            }));
                    timeout(ofSeconds(2), () -> sleep(ofSeconds(5)));
                });
            } catch (IOException | TimeoutException e) {
                checkpoint();
            }
        });
    }

    private static void foreignCode() throws Exception {
        run(() -> TaskGroup.run(group -> {
            ForeignLatch response = new ForeignLatch("a response");
            ForeignCall query = ForeignCall.named("a query").onCancel(response::release, ofSeconds(1));
            var reader = group.start("reader", () -> {
                shield(ofSeconds(1), () -> checkpoint());
                new ForeignLatch("a read").await();
            });
            var client = group.start(
                    "client",
                    () -> query.call(() -> {
                        response.await();
                        return "rows";
                    }));
            group.start("canceller", () -> {
                checkpoint();
                reader.cancel("enough");
                checkpoint();
                client.cancel("enough");
            });
        }));
    }

    private static void combinators() {
        run(() -> {
            try (Tracked _ = race(
                    List.of(1, 1, 2),
                    seconds -> {
                        sleep(ofSeconds(seconds));
                        return Tracked.open("connection " + seconds);
                    },
                    Tracked::close)) {
                int sum = 0;
                for (int value : asCompleted(List.of(3, 1, 2, 1), 2, seconds -> {
                    sleep(ofSeconds(seconds));
                    return seconds;
                })) {
                    sum += value;
                    if (sum > 3) {
                        break;
                    }
                }
                mapConcurrent(List.of(1, 2, 3, 4), 2, item -> {
                    sleep(ofSeconds(item % 2));
                    return item;
                });
            }
        });
    }

    private static void background() {
        run(() -> {
            for (int i = 0; i < 4; i++) {
                createTask("background " + i, () -> {
                    while (true) {
                        sleep(ofMillis(1 + random().nextInt(5)));
                    }
                });
            }
            sleep(ofMillis(12));
        });
    }
}
