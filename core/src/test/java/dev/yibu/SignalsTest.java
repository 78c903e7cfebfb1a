package dev.yibu;

import static dev.yibu.Async.*;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Ctrl-C and SIGTERM, each in a JVM of its own. */
@DisabledOnOs(OS.WINDOWS)
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SignalsTest {
    private static final Duration LONG = Duration.ofHours(1);

    /** Sleeps until a signal cancels it; the first argument of the JVM's options says whether it asks for that. */
    static final class Sleeper {
        public static void main(String[] arguments) {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("shutdown hook")));
            RunOptions options =
                    Boolean.getBoolean("ask") ? RunOptions.defaults().withSignals(true) : RunOptions.defaults();
            try {
                if (Boolean.getBoolean("inside")) {
                    timeout(LONG, () -> run(options, Sleeper::sleepAndCleanUp));
                } else {
                    run(options, Sleeper::sleepAndCleanUp);
                }
            } catch (SignalException e) {
                System.out.println(e.getMessage() + " " + e.exitStatus());
                System.exit(e.exitStatus());
            }
            System.out.println("not reached");
        }

        private static void sleepAndCleanUp() {
            createTask(() -> {
                try {
                    System.out.println("ready");
                    sleep(LONG);
                } finally {
                    shield(LONG, () -> {
                        sleep(Duration.ofMillis(1));
                        System.out.println("background cleaned up");
                    });
                }
            });
            try {
                sleep(LONG);
            } finally {
                System.out.println("main cleaned up");
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"INT, 130", "TERM, 143"})
    void a_signal_cancels_the_run_and_comes_out_as_an_exception_after_all_clean_up(String signal, int status)
            throws Exception {
        try (ChildJvm child = new ChildJvm(Sleeper.class, "-Dask=true")) {
            child.readUntil("ready");
            child.signal(signal);

            List<String> lines = child.readToEnd();
            assertThat(lines).hasSize(4);
            assertThat(lines.subList(0, 2)) // the two are cancelled together, and clean up side by side
                    .containsExactlyInAnyOrder("main cleaned up", "background cleaned up");
            assertThat(lines.subList(2, 4)).containsExactly("SIG" + signal + " " + status, "shutdown hook");
            assertThat(child.exitStatus()).isEqualTo(status);
        }
    }

    @Test
    void a_signal_cancels_a_run_inside_another_call_too() throws Exception {
        try (ChildJvm child = new ChildJvm(Sleeper.class, "-Dask=true", "-Dinside=true")) {
            child.readUntil("ready");
            child.signal("TERM");

            assertThat(child.readToEnd()).contains("main cleaned up", "background cleaned up", "SIGTERM 143");
            assertThat(child.exitStatus()).isEqualTo(143);
        }
    }

    @Test
    void the_launchers_property_asks_for_it_too() throws Exception {
        try (ChildJvm child = new ChildJvm(Sleeper.class, "-Dyibu.signals=true")) {
            child.readUntil("ready");
            child.signal("INT");

            assertThat(child.readToEnd()).contains("main cleaned up", "SIGINT 130");
            assertThat(child.exitStatus()).isEqualTo(130);
        }
    }

    @ParameterizedTest
    @CsvSource({"INT, 130", "TERM, 143"})
    void unasked_a_run_leaves_the_default_of_the_jvm(String signal, int status) throws Exception {
        try (ChildJvm child = new ChildJvm(Sleeper.class)) {
            child.readUntil("ready");
            child.signal(signal);

            assertThat(child.readToEnd()).containsExactly("shutdown hook");
            assertThat(child.exitStatus()).isEqualTo(status);
        }
    }

    /** Cleans up for ever. */
    static final class Stubborn {
        public static void main(String[] arguments) {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("shutdown hook")));
            run(RunOptions.defaults().withSignals(true), () -> {
                try {
                    System.out.println("ready");
                    sleep(LONG);
                } finally {
                    shield(LONG, () -> {
                        System.out.println("cleaning up");
                        sleep(LONG);
                    });
                    System.out.println("cleaned up");
                }
            });
        }
    }

    @Test
    void a_second_signal_ends_the_process_at_once() throws Exception {
        try (ChildJvm child = new ChildJvm(Stubborn.class)) {
            child.readUntil("ready");
            child.signal("INT");
            child.readUntil("cleaning up");
            child.signal("INT");

            assertThat(child.readToEnd()).isEmpty();
            assertThat(child.exitStatus()).isEqualTo(130);
        }
    }

    /** Two runs at the same time, and a third one when they have ended. */
    static final class Several {
        public static void main(String[] arguments) throws InterruptedException {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("shutdown hook")));
            Thread first = Thread.ofPlatform().start(Several::sleeper);
            Thread second = Thread.ofPlatform().start(Several::sleeper);
            Polling.untilWaiting(first);
            Polling.untilWaiting(second);
            System.out.println("ready");
            first.join();
            second.join();
            System.out.println(run(RunOptions.defaults().withSignals(true), () -> "not cancelled"));
            System.out.println("no run");
            Thread.currentThread().join();
        }

        private static void sleeper() {
            try {
                run(RunOptions.defaults().withSignals(true), () -> sleep(LONG));
            } catch (SignalException e) {
                System.out.println(e.getMessage());
            }
        }
    }

    @Test
    void a_signal_cancels_all_runs_that_asked_and_after_them_the_default_is_back() throws Exception {
        try (ChildJvm child = new ChildJvm(Several.class)) {
            child.readUntil("ready");
            child.signal("INT");
            child.readUntil("SIGINT");
            child.readUntil("SIGINT");
            child.readUntil("not cancelled");
            child.readUntil("no run");
            child.signal("INT");

            assertThat(child.readToEnd()).containsExactly("shutdown hook");
            assertThat(child.exitStatus()).isEqualTo(130);
        }
    }

    @Test
    void a_nested_run_ends_with_the_outer_one_and_throws_no_signal_exception_of_its_own() throws Exception {
        try (ChildJvm child = new ChildJvm(Nested.class)) {
            child.readUntil("ready");
            child.signal("INT");

            assertThat(child.readToEnd()).containsExactly("inner: Cancelled", "outer: SignalException");
            assertThat(child.exitStatus()).isZero();
        }
    }

    /** A run in a run, both of which ask for signals. */
    static final class Nested {
        public static void main(String[] arguments) {
            RunOptions options = RunOptions.defaults().withSignals(true);
            try {
                run(options, () -> {
                    try {
                        run(options, () -> {
                            System.out.println("ready");
                            sleep(LONG);
                        });
                    } catch (Throwable t) {
                        System.out.println("inner: " + t.getClass().getSimpleName());
                        throw t;
                    }
                });
            } catch (RuntimeException e) {
                System.out.println("outer: " + e.getClass().getSimpleName());
            }
        }
    }
}
