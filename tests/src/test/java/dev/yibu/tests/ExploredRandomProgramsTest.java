package dev.yibu.tests;

import static dev.yibu.Async.asCompleted;
import static dev.yibu.Async.checkpoint;
import static dev.yibu.Async.clock;
import static dev.yibu.Async.createTask;
import static dev.yibu.Async.deadline;
import static dev.yibu.Async.gather;
import static dev.yibu.Async.gatherOutcomes;
import static dev.yibu.Async.mapConcurrent;
import static dev.yibu.Async.moveOnAfter;
import static dev.yibu.Async.race;
import static dev.yibu.Async.random;
import static dev.yibu.Async.run;
import static dev.yibu.Async.shield;
import static dev.yibu.Async.sleep;
import static dev.yibu.Async.timeout;
import static dev.yibu.Async.usingRun;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.yibu.Cancelled;
import dev.yibu.ContextVar;
import dev.yibu.DeadlockException;
import dev.yibu.GroupOptions;
import dev.yibu.Task;
import dev.yibu.TaskGroup;
import dev.yibu.TimeoutException;
import dev.yibu.lowlevel.ForeignCall;
import dev.yibu.lowlevel.Strand;
import dev.yibu.testkit.CancelEverywhere;
import dev.yibu.testkit.Explore;
import dev.yibu.testkit.ForeignLatch;
import dev.yibu.testkit.Strategy;
import dev.yibu.testkit.Tracked;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/**
 * Programs that nobody would write: each seed makes another one out of everything that the core offers, nested at random.
 * Whatever it does, it ends, leaves nothing behind, and no interrupt of ours is seen where nothing is cancelled.
 */
class ExploredRandomProgramsTest {

    @Nested
    @Explore(seeds = 20_000, everywhere = true)
    @CancelEverywhere(schedules = 50)
    class Randomly extends Rules {}

    @Nested
    @Explore(seeds = 20_000, strategy = Strategy.PRIORITIES, everywhere = true)
    @CancelEverywhere(schedules = 50)
    class WithPriorities extends Rules {}

    @Nested
    @Explore(
            seeds = 10_000,
            everywhere = true,
            everyAccessOf = {"dev.yibu", "dev.yibu.lowlevel"})
    @CancelEverywhere(schedules = 20)
    class BetweenTwoAccesses extends Rules {}

    abstract static class Rules extends ExploredRules {
        private static final int DEPTH = 4;
        private static final ContextVar<String> VARIABLE = ContextVar.create("variable");
        private final List<Task<?>> known = new ArrayList<>();

        /** Whether there may be foreign calls that only an interrupt ends. */
        private final boolean mayHang = random().nextBoolean();

        /** Thrown on purpose. */
        private static final class Planned extends Exception {
            private static final long serialVersionUID = 1L;

            Planned() {
                super("planned", null, false, false);
            }
        }

        /** What must never happen, wherever in the program it did. */
        private final List<Object> violations = new ArrayList<>();

        @AfterEach
        void nothing_has_happened_that_must_not() {
            assertThat(violations).isEmpty();
        }

        @Test
        void a_random_program_ends_and_leaves_nothing_behind() {
            try {
                run(() -> timeout(ofSeconds(20), () -> anything(DEPTH)));
            } catch (Exception e) {
                check(isExpected(e), "a failure: " + e);
            }
            look();
        }

        private void check(boolean holds, String what) {
            if (!holds) {
                violations.add(what);
            }
        }

        private static boolean isExpected(Exception thrown) {
            return thrown instanceof Planned
                    || thrown instanceof InterruptedException
                    || thrown instanceof TimeoutException
                    || thrown instanceof CancellationException;
        }

        private static boolean isCancelled() {
            return Objects.requireNonNull(Strand.current()).scope().isCancelled();
        }

        /** No interrupt of ours where nothing is cancelled; a checkpoint throws where something is, and only there. */
        private void look() {
            check(!Thread.currentThread().isInterrupted() || isCancelled(), "an interrupt where nothing is cancelled");
            boolean cancelledBefore = isCancelled();
            try {
                checkpoint();
                check(!cancelledBefore, "a checkpoint that does not throw where the scope is cancelled");
            } catch (Cancelled e) {
                check(isCancelled(), "a checkpoint that throws where the scope is not cancelled");
                throw e;
            }
        }

        private static Duration some() {
            return ofSeconds(1 + random().nextInt(3));
        }

        private void several(int depth) throws Exception {
            for (int i = random().nextInt(3); i >= 0; i--) {
                try {
                    anything(depth);
                } catch (Exception e) {
                    check(isExpected(e), "a failure: " + e);
                    throw e;
                }
            }
        }

        private int value(int depth) throws Exception {
            several(depth - 1);
            return 1;
        }

        private void anything(int depth) throws Exception {
            look();
            int choice = depth <= 0 ? random().nextInt(6) : random().nextInt(30);
            switch (choice) {
                case 0 -> sleep(some());
                case 1 -> compute();
                case 2 -> ForeignLatch.opensAfter("a read", some()).await();
                case 3 -> {
                    if (random().nextInt(3) == 0) {
                        throw new Planned();
                    }
                }
                case 4 -> {
                    if (!known.isEmpty()) {
                        known.get(random().nextInt(known.size())).cancel("at random");
                    }
                }
                case 5 -> {
                    if (mayHang && random().nextInt(4) == 0) {
                        new ForeignLatch("a read that hangs").await();
                    }
                }
                case 6, 7 -> timed(depth);
                case 8 -> moved(depth);
                case 9, 10 -> shield(some(), () -> several(depth - 1));
                case 11, 12 -> gather(() -> value(depth), () -> value(depth));
                case 13 -> gatherOutcomes(() -> value(depth), () -> value(depth));
                case 14, 15 -> group(depth, GroupOptions.DEFAULT);
                case 16 -> group(depth, GroupOptions.supervised());
                case 17 ->
                    race(
                                    List.of(1, 2),
                                    number -> {
                                        value(depth);
                                        return Tracked.open("connection " + number);
                                    },
                                    Tracked::close)
                            .close();
                case 18 -> {
                    for (int value : asCompleted(List.of(1, 2, 3), 1 + random().nextInt(3), _ -> value(depth - 1))) {
                        if (random().nextInt(3) == 0) {
                            break;
                        }
                        checkpoint();
                    }
                }
                case 19 -> mapConcurrent(List.of(1, 2, 3), 2, _ -> value(depth - 1));
                case 20, 21 ->
                    usingRun(
                            () -> {
                                sleep(some());
                                return Tracked.open("a resource");
                            },
                            resource -> {
                                try {
                                    several(1);
                                } finally {
                                    resource.close();
                                }
                            },
                            _ -> several(depth - 1));
                case 22 -> foreignCall();
                case 23 -> await();
                case 24 -> swallow(depth);
                case 25 -> {
                    try {
                        deadline().reschedule(ofSeconds(random().nextInt(4)));
                    } catch (IllegalStateException e) {
                        return; // there is none, or it is too late
                    }
                }
                case 26 -> {
                    String value = "value " + random().nextInt();
                    VARIABLE.where(value, () -> {
                        several(depth - 1);
                        check(VARIABLE.get().equals(value), "another value of a context variable");
                    });
                }
                case 27 -> run(() -> several(depth - 1));
                case 28 -> {
                    try {
                        several(depth - 1);
                    } finally {
                        compute();
                        if (random().nextInt(3) == 0) {
                            throwPlanned();
                        }
                    }
                }
                default -> known.add(createTask(() -> several(depth - 2)));
            }
            look();
        }

        private static void throwPlanned() throws Planned {
            throw new Planned();
        }

        private void await() throws Exception {
            if (!known.isEmpty()) {
                try {
                    known.get(random().nextInt(known.size())).await(Exception.class);
                } catch (DeadlockException e) {
                    return; // as may be expected
                }
            }
        }

        /** Goes on although it is cancelled, which is wrong, and must do no harm. Foreign code then has nobody to end it. */
        private void swallow(int depth) throws Exception {
            try {
                several(depth - 1);
            } catch (Cancelled e) {
                if (mayHang) {
                    throw e;
                }
            }
        }

        private void timed(int depth) throws Exception {
            Duration limit = some();
            Instant start = clock().instant();
            try {
                timeout(limit, () -> several(depth - 1));
            } catch (TimeoutException e) {
                check(
                        Duration.between(start, clock().instant()).compareTo(e.timeout()) >= 0,
                        "a timeout that came early");
                check(!(isCancelled() && isUndisturbed()), "a timeout in the place of a cancellation");
            }
        }

        private void moved(int depth) throws Exception {
            boolean[] finished = new boolean[1];
            boolean inTime = moveOnAfter(some(), () -> {
                several(depth - 1);
                finished[0] = true;
            });
            check(inTime == finished[0], "a block that moves on although it has finished, or the reverse");
        }

        private void group(int depth, GroupOptions options) throws Exception {
            int[] running = new int[1];
            try {
                TaskGroup.run(options, group -> {
                    for (int i = random().nextInt(3); i >= 0; i--) {
                        known.add(group.start(() -> {
                            running[0]++;
                            try (Tracked _ = Tracked.open("a task's resource")) {
                                several(depth - 1);
                                if (random().nextInt(4) == 0) {
                                    known.add(group.start(() -> several(depth - 2)));
                                }
                            } finally {
                                running[0]--;
                            }
                        }));
                    }
                    several(depth - 1);
                    if (random().nextInt(6) == 0) {
                        group.cancel("at random");
                    }
                });
            } finally {
                check(running[0] == 0, "tasks that outlive their group");
            }
        }

        private void foreignCall() throws Exception {
            ForeignLatch response = ForeignLatch.opensAfter("a response", ofSeconds(2));
            boolean[] inside = new boolean[1];
            ForeignCall call = ForeignCall.named("a query")
                    .onCancel(
                            () -> {
                                check(inside[0], "an abort hook outside of its call");
                                response.release();
                            },
                            ofSeconds(1));
            inside[0] = true;
            try {
                call.call(() -> {
                    response.await();
                    return 1;
                });
            } finally {
                inside[0] = false;
            }
        }
    }
}
