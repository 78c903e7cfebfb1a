package dev.yibu.lowlevel;

import static dev.yibu.Async.createTask;
import static dev.yibu.Async.moveOnAfter;
import static dev.yibu.Async.run;
import static dev.yibu.Async.sleep;
import static org.assertj.core.api.Assertions.assertThat;

import dev.yibu.Cancelled;
import dev.yibu.Task;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who ignores its cancellation is reported; each program runs in a JVM that has little patience. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class StragglersTest {
    private static final String LITTLE_PATIENCE = "-Dyibu.straggler.millis=100";
    private static final Logger LOGGER = Logger.getLogger("dev.yibu");

    /** Prints each report of a straggler in full, and then tells of it. */
    private static void onReport(Runnable listener) {
        LOGGER.setUseParentHandlers(false);
        LOGGER.addHandler(new Handler() {
            @Override
            public void publish(LogRecord record) {
                if (!record.getMessage().contains("has not ended")) {
                    return;
                }
                System.out.println(record.getLevel() + " " + record.getMessage());
                record.getThrown().printStackTrace(System.out);
                System.out.flush();
                listener.run();
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        });
    }

    /** Ends a program in which something hangs. */
    private static void giveUpAfter(Duration limit) {
        Thread.ofPlatform().daemon().start(() -> {
            try {
                Thread.sleep(limit);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            System.out.println("GAVE UP");
            System.out.flush();
            Runtime.getRuntime().halt(0);
        });
    }

    static final class ATaskThatComputesOn {
        public static void main(String[] args) throws InterruptedException {
            giveUpAfter(Duration.ofSeconds(30));
            CountDownLatch reported = new CountDownLatch(1);
            onReport(reported::countDown);
            CountDownLatch ready = new CountDownLatch(2);
            run(() -> {
                Task<?> obedient = createTask("the obedient one", () -> {
                    ready.countDown();
                    new Semaphore(0).acquire();
                });
                Task<?> stubborn = createTask("the stubborn one", () -> {
                    ready.countDown();
                    computeOn(reported);
                });
                ready.await();
                obedient.cancel();
                stubborn.cancel("enough");
                reported.await();
            });
        }

        private static void computeOn(CountDownLatch reported) {
            while (reported.getCount() > 0) {
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void a_task_that_ignores_cancellation_is_reported_with_its_name_and_stack() {
        String output = ChildJvm.run(ATaskThatComputesOn.class, LITTLE_PATIENCE);

        assertThat(output)
                .contains("WARNING", "the stubborn one", "enough", "100 ms", "ATaskThatComputesOn.computeOn")
                .doesNotContain("the obedient one", "GAVE UP");
    }

    static final class ATaskThatSwallowsAndHangs {
        public static void main(String[] args) throws InterruptedException {
            giveUpAfter(Duration.ofSeconds(8));
            CountDownLatch reported = new CountDownLatch(1);
            onReport(reported::countDown);
            AtomicReference<Strand> strand = new AtomicReference<>();
            run(() -> {
                Task<?> swallows = createTask("the forgetful one", () -> {
                    try {
                        strand.set(Strand.current());
                        sleep(Duration.ofHours(1));
                    } catch (Cancelled cancelled) {
                        reported.await();
                    }
                });
                Eventually.isTrue("the task has begun", () -> strand.get() != null);
                Eventually.waits(strand.get());
                swallows.cancel();
                reported.await();
            });
        }
    }

    @Test
    void a_task_that_swallows_its_cancellation_and_hangs_in_foreign_code_is_reported() {
        assertThat(ChildJvm.run(ATaskThatSwallowsAndHangs.class, LITTLE_PATIENCE))
                .contains("the forgetful one", "ATaskThatSwallowsAndHangs")
                .doesNotContain("GAVE UP");
    }

    static final class ALogThatHangs {
        public static void main(String[] args) throws InterruptedException {
            giveUpAfter(Duration.ofSeconds(8));
            CountDownLatch logging = new CountDownLatch(1);
            CountDownLatch timeWentOn = new CountDownLatch(1);
            onReport(() -> {
                logging.countDown();
                await(timeWentOn);
            });
            CountDownLatch ready = new CountDownLatch(1);
            run(() -> {
                Task<?> stubborn = createTask(() -> {
                    ready.countDown();
                    while (timeWentOn.getCount() > 0) {
                        Thread.onSpinWait();
                    }
                });
                ready.await();
                stubborn.cancel();
                logging.await();
                moveOnAfter(Duration.ofMillis(5), () -> new Semaphore(0).acquire());
                timeWentOn.countDown();
            });
        }
    }

    @Test
    void a_report_that_hangs_in_the_log_stops_neither_time_nor_interrupts() {
        assertThat(ChildJvm.run(ALogThatHangs.class, LITTLE_PATIENCE)).doesNotContain("GAVE UP");
    }

    static final class ASimulatedDriverBefore {
        public static void main(String[] args) throws InterruptedException {
            giveUpAfter(Duration.ofSeconds(8));
            Strand simulated = new Strand(new ManualDriver(), null, Context.EMPTY);
            simulated.<Boolean, RuntimeException>runAsRoot(() -> {
                Threads.runToEnd(() -> simulated.cancel(RunningStrand.REASON));
                return true;
            });
            CountDownLatch reported = new CountDownLatch(1);
            onReport(reported::countDown);
            CountDownLatch ready = new CountDownLatch(1);
            run(() -> {
                Task<?> stubborn = createTask("the real one", () -> {
                    ready.countDown();
                    while (reported.getCount() > 0) {
                        Thread.onSpinWait();
                    }
                });
                ready.await();
                stubborn.cancel();
                reported.await();
            });
        }
    }

    @Test
    void a_simulated_driver_that_drops_its_diagnostics_does_not_silence_the_real_one() {
        assertThat(ChildJvm.run(ASimulatedDriverBefore.class, LITTLE_PATIENCE))
                .contains("the real one")
                .doesNotContain("GAVE UP");
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    static final class AnAbortHookThatHangs {
        public static void main(String[] args) throws InterruptedException {
            giveUpAfter(Duration.ofSeconds(30));
            CountDownLatch reported = new CountDownLatch(1);
            onReport(reported::countDown);
            CountDownLatch called = new CountDownLatch(1);
            CountDownLatch hookBegun = new CountDownLatch(1);
            ForeignCall query = ForeignCall.named("the query")
                    .onCancel(
                            () -> {
                                hookBegun.countDown();
                                hang(reported);
                            },
                            Duration.ofHours(1));
            run(() -> {
                Task<?> task = createTask(
                        "the patient one",
                        () -> query.call(() -> {
                            called.countDown();
                            hookBegun.await();
                            return 1;
                        }));
                called.await();
                task.cancel("enough");
                reported.await();
            });
        }

        private static void hang(CountDownLatch reported) throws InterruptedException {
            reported.await();
        }
    }

    @Test
    void a_task_that_waits_for_an_abort_hook_that_hangs_is_reported_with_the_hook_and_where_it_is() {
        assertThat(ChildJvm.run(AnAbortHookThatHangs.class, LITTLE_PATIENCE))
                .contains(
                        "the patient one", "it waits for the abort hook of \"the query\"", "AnAbortHookThatHangs.hang")
                .doesNotContain("GAVE UP");
    }
}
