package dev.yibu.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.yibu.tests.CliTestProgram.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The command line and {@code yibu run}. */
@Timeout(120)
class CliTest {
    private static final List<String> FRAMES_OF_THE_RUNTIME =
            List.of("dev.yibu", "java.lang.reflect", "jdk.internal", "VirtualThread", "java.lang.Thread.run");

    @TempDir
    private Path folder;

    // ---------------------------------------------------------------- the command line

    @Test
    void the_help_lists_the_commands() throws Exception {
        Result result = yibu("--help");

        assertThat(result.status()).isZero();
        assertThat(result.output()).contains("Usage: yibu", "  tour", "  run", "  bench", "  test", "--version");
        assertThat(result.errors()).isEmpty();
    }

    @Test
    void every_command_has_help() throws Exception {
        assertThat(yibu("run", "--help").output()).contains("Usage: yibu run", "FILE.java", "YIBU_DEBUG=1");
        assertThat(yibu("tour", "--help").output()).contains("Usage: yibu tour", "SECTION", "--list");
        assertThat(yibu("test", "--help").output()).contains("Usage: yibu test");
        assertThat(yibu("bench", "--help").output()).contains("Usage: yibu bench");
    }

    @Test
    void the_version_names_that_of_java_too() throws Exception {
        Result result = yibu("--version");

        assertThat(result.status()).isZero();
        assertThat(result.output())
                .matches("yibu \\d+\\.\\S+ \\(Java " + Runtime.version().feature() + "\\S*\\)\n");
    }

    @Test
    void a_command_line_that_is_wrong_gets_a_message_and_how_to_write_it_on_standard_error_and_exit_status_2()
            throws Exception {
        for (String[] wrong :
                new String[][] {{}, {"walk"}, {"--fast"}, {"tour", "--fast"}, {"run"}, {"run", "--fast"}}) {
            Result result = yibu(wrong);

            assertThat(result.status()).as("%s", (Object) wrong).isEqualTo(2);
            assertThat(result.output()).isEmpty();
            assertThat(result.errors()).contains("Usage: yibu").doesNotContain("Exception");
            if (wrong.length > 0) {
                assertThat(result.errors()).containsAnyOf(wrong[wrong.length - 1], "FILE.java");
            }
        }
    }

    @Test
    void what_is_wrong_with_the_arguments_of_a_command_is_not_pushed_out_of_sight_by_its_help() throws Exception {
        assertThat(yibu("tour", "--fast").errors()).isEqualTo("""
                yibu tour: Unknown option: '--fast'
                Usage: yibu tour [-hV] [--list] [SECTION...]
                yibu tour --help tells more.
                """);
        assertThat(yibu("tours").errors())
                .startsWith("yibu: there is no command \"tours\"\nDid you mean: yibu tour?\n")
                .contains("Commands:");
    }

    @Test
    void the_tests_are_the_launchers_business() throws Exception {
        Result result = yibu("test");

        assertThat(result.status()).isEqualTo(2);
        assertThat(result.errors()).contains("./yibu test");
    }

    // ---------------------------------------------------------------- programs

    @Test
    void a_compact_file_sees_java_base_and_gets_its_arguments_as_they_are() throws Exception {
        write("Compact.java", """
                import static dev.yibu.Async.*;

                void main(String[] args) {
                    List<String> quoted = run(() -> gather(List.of(args), arg -> "<" + arg + ">"));
                    IO.println(quoted);
                }
                """);

        Result result = yibu("run", "Compact.java", "--help", "", "-x", "--", "@file", "it's", "\"q\"", "run");

        assertThat(result)
                .isEqualTo(new Result(0, "[<--help>, <>, <-x>, <-->, <@file>, <it's>, <\"q\">, <run>]\n", ""));
    }

    @Test
    void a_file_may_follow_the_end_of_the_options() throws Exception {
        write("Args.java", "void main(String[] args) { IO.println(List.of(args)); }");

        assertThat(yibu("run", "--", "Args.java", "--help", "-x").output()).isEqualTo("[--help, -x]\n");
    }

    @Test
    void of_an_ordinary_file_the_first_class_is_run() throws Exception {
        write("first/Anything.java", """
                package some.where;

                class First {
                    record Pair(int a, int b) {}

                    static void main(String... args) {
                        System.out.println(new Pair(1, 2) + " " + new Second().name());
                    }

                    static void main() {
                        System.out.println("the wrong main");
                    }
                }

                class Second {
                    String name() {
                        return getClass().getName();
                    }

                    public static void main(String[] args) {
                        System.out.println("the wrong class");
                    }
                }
                """);

        Result result = yibu("run", "first/Anything.java");

        assertThat(result).isEqualTo(new Result(0, "Pair[a=1, b=2] some.where.Second\n", ""));
    }

    @Test
    void main_may_be_inherited_and_an_instances() throws Exception {
        write("Child.java", """
                class Child extends Parent {
                    @Override
                    String name() {
                        return "child";
                    }
                }

                abstract class Parent {
                    abstract String name();

                    protected void main() {
                        IO.println(name());
                    }
                }
                """);

        assertThat(yibu("run", "Child.java").output()).isEqualTo("child\n");
    }

    @Test
    void a_program_may_have_the_name_of_an_example() throws Exception {
        write("Gather.java", "void main() { IO.println(\"mine\"); }");

        assertThat(yibu("run", "Gather.java").output()).isEqualTo("mine\n");
    }

    @Test
    void a_program_does_not_see_the_examples() throws Exception {
        write("Curious.java", "void main() { new Gather(); }");

        Result result = yibu("run", "Curious.java");

        assertThat(result.status()).isEqualTo(1);
        assertThat(result.errors()).contains("cannot find symbol", "class Gather");
    }

    @Test
    void a_program_may_read_and_write_files() throws Exception {
        write("Notes.java", """
                import static dev.yibu.Async.*;
                import dev.yibu.io.AsyncFiles;

                void main() throws IOException {
                    Path notes = Path.of("notes.txt");
                    run(() -> AsyncFiles.writeString(notes, "one\\ntwo\\n"));
                    run(() -> AsyncFiles.lines(notes).each(IO::println));
                }
                """);

        assertThat(yibu("run", "Notes.java")).isEqualTo(new Result(0, "one\ntwo\n", ""));
    }

    @Test
    void a_program_may_crawl() throws Exception {
        Files.copy(Path.of("../examples/src/main/java/CrawlSite.java"), folder.resolve("CrawlSite.java"));

        Result result = yibu("run", "CrawlSite.java");

        assertThat(result.status()).as(result.errors()).isZero();
        assertThat(result.output()).contains("Darjeeling: 10.50\n").endsWith("10 pages, 1 forbidden by robots.txt\n");
    }

    @Test
    void a_program_sees_the_core_and_the_jdk_but_not_what_the_command_line_is_made_of() throws Exception {
        write("Curious.java", """
                import com.sun.source.tree.Tree; // jdk.compiler comes with the program's own loader
                import dev.yibu.lowlevel.Suspension;
                import java.util.logging.Logger;

                void main() {
                    IO.println(List.of(Tree.class, Suspension.class, Logger.class).size());
                    for (String name : List.of("dev.yibu.cli.Main", "org.jsoup.Jsoup", "picocli.CommandLine", "Gather")) {
                        try {
                            IO.println(Class.forName(name));
                        } catch (ClassNotFoundException e) {
                            IO.println("no " + e.getMessage());
                        }
                    }
                    ClassLoader context = Thread.currentThread().getContextClassLoader();
                    IO.println(context.getResource("picocli/CommandLine.class"));
                    IO.println(System.getProperty("java.class.path").contains("picocli"));
                }
                """);
        write("Uses.java", "void main() { picocli.CommandLine.class.getName(); org.jsoup.Jsoup.class.getName(); }");

        assertThat(yibu("run", "Curious.java")).isEqualTo(new Result(0, """
                3
                no dev.yibu.cli.Main
                no org.jsoup.Jsoup
                no picocli.CommandLine
                no Gather
                null
                false
                """, ""));
        assertThat(yibu("run", "Uses.java").errors())
                .contains("package picocli does not exist", "package org.jsoup does not exist");
    }

    @Test
    void a_program_reads_standard_input() throws Exception {
        write("Echo.java", "void main() { IO.println(IO.readln() + \"!\"); }");
        try (CliTestProgram program = CliTestProgram.start(folder, "run", "Echo.java")) {
            program.input("hello\n");

            assertThat(program.finish().output()).isEqualTo("hello!\n");
        }
    }

    @Test
    void the_exit_status_of_a_program_is_kept() throws Exception {
        write("Exits.java", """
                import static dev.yibu.Async.*;

                void main() {
                    run(() -> gather(() -> System.exit(42), () -> sleep(java.time.Duration.ofHours(1))));
                }
                """);

        assertThat(yibu("run", "Exits.java")).isEqualTo(new Result(42, "", ""));
    }

    @Test
    void threads_of_a_program_that_has_left_main_go_on() throws Exception {
        write("Goes.java", """
                void main() {
                    Thread main = Thread.currentThread();
                    new Thread(() -> {
                        while (main.isAlive()) {
                            Thread.onSpinWait();
                        }
                        IO.println("still here");
                    }).start();
                }
                """);

        assertThat(yibu("run", "Goes.java")).isEqualTo(new Result(0, "still here\n", ""));
    }

    // ---------------------------------------------------------------- nothing to run

    @Test
    void what_does_not_compile_gets_the_compilers_messages_and_exit_status_1() throws Exception {
        write("Wrong.java", """
                void main() {
                    int number = "text";
                }
                """);

        Result result = yibu("run", "Wrong.java");

        assertThat(result.status()).isEqualTo(1);
        assertThat(result.output()).isEmpty();
        assertThat(result.errors())
                .startsWith("Wrong.java:2: error: incompatible types: String cannot be converted to int")
                .contains("    int number = \"text\";\n                 ^");
    }

    @Test
    void what_is_no_java_gets_the_compilers_messages_too() throws Exception {
        write("Typo.java", "void mian( { }");

        Result result = yibu("run", "Typo.java");

        assertThat(result.status()).isEqualTo(1);
        assertThat(result.errors()).startsWith("Typo.java:1: error: ");
    }

    @Test
    void a_file_that_is_not_there_or_has_no_main_is_told_and_exit_status_is_2() throws Exception {
        write("Empty.java", "");
        write("Idle.java", "void work() {}");
        write("Hidden.java", "class Hidden { private static void main(String[] args) {} }");
        write("Closed.java", "class Closed { private Closed() {} void main() {} }");
        write("Notes.txt", "void main() {}");

        told("Missing.java", "there is no file Missing.java");
        told("Notes.txt", "Notes.txt is not a .java file");
        told("Empty.java", "Empty.java has no main method; write void main()");
        told("Idle.java", "Idle.java has no main method; write void main()");
        told("Hidden.java", "class Hidden has no main method that is not private");
        told("Closed.java", "class Closed is not static, so the class needs a constructor");
    }

    private void told(String file, String message) throws Exception {
        Result result = yibu("run", file);

        assertThat(result.status()).isEqualTo(2);
        assertThat(result.output()).isEmpty();
        assertThat(result.errors()).startsWith("yibu run: ").contains(message).hasLineCount(1);
    }

    // ---------------------------------------------------------------- failures

    private static final String FAILING = """
            import static dev.yibu.Async.*;

            volatile boolean saving; // b; a fails then, or b might not even begin

            void save(String what) throws IOException {
                try {
                    if (what.equals("a")) {
                        while (!saving) {
                            checkpoint();
                        }
                        throw new IllegalStateException("inner " + what);
                    }
                    saving = true;
                    sleep(java.time.Duration.ofHours(1));
                } catch (IllegalStateException e) {
                    throw new IOException("no " + what, e);
                } finally {
                    if (what.equals("b")) {
                        clean();
                    }
                }
            }

            void clean() {
                throw new IllegalArgumentException("unclean");
            }

            void main() throws IOException {
                run(() -> gather(() -> save("a"), () -> save("b")));
            }
            """;

    @Test
    void an_exception_is_shown_without_the_frames_of_the_runtime_also_in_causes_and_suppressed_ones() throws Exception {
        write("Failing.java", FAILING);

        Result result = yibu("run", "Failing.java");

        assertThat(result.status()).isEqualTo(1);
        assertThat(result.output()).isEmpty();
        assertThat(result.errors())
                .startsWith(
                        "Exception in thread \"main\" java.io.IOException: no a\n\tat Failing.save(Failing.java:16)\n")
                .contains(
                        "\tSuppressed: java.lang.IllegalArgumentException: unclean\n\t\tat Failing.clean(Failing.java:25)")
                .contains("Caused by: java.lang.IllegalStateException: inner a\n\tat Failing.save(Failing.java:11)");
        assertThat(framesOf(result)).isNotEmpty().noneMatch(CliTest::isOfTheRuntime);
    }

    @Test
    void an_exception_that_the_library_throws_is_shown_without_its_frames() throws Exception {
        write("Misuses.java", """
                import static dev.yibu.Async.*;
                import dev.yibu.stream.AsyncIterable;
                import dev.yibu.sync.Mutex;

                void main(String[] args) {
                    if (args[0].equals("sync")) {
                        Mutex.create().release();
                    } else {
                        run(() -> { AsyncIterable.from(List.of(1)).take(-1); });
                    }
                }
                """);

        for (String misuse : List.of("sync", "stream")) {
            Result result = yibu("run", "Misuses.java", misuse);

            assertThat(result.status()).isEqualTo(1);
            assertThat(framesOf(result)).isNotEmpty().noneMatch(CliTest::isOfTheRuntime);
        }
    }

    @Test
    void when_main_fails_the_other_threads_go_on_and_then_the_exit_status_is_1() throws Exception {
        write("Leaves.java", """
                void main() {
                    Thread main = Thread.currentThread();
                    new Thread(() -> {
                        while (main.isAlive()) {
                            Thread.onSpinWait();
                        }
                        IO.println("still here");
                    }).start();
                    throw new IllegalStateException("gone");
                }
                """);

        for (String[] command : new String[][] {{"run", "Leaves.java"}, {"run", "--", "Leaves.java"}}) {
            assertThat(yibu(command))
                    .isEqualTo(new Result(
                            1,
                            "still here\n",
                            "Exception in thread \"main\" java.lang.IllegalStateException: gone\n"
                                    + "\tat Leaves.main(Leaves.java:9)\n"));
        }
    }

    @Test
    void in_debug_mode_an_exception_is_shown_with_all_frames() throws Exception {
        write("Failing.java", FAILING);

        Result result;
        try (CliTestProgram program = CliTestProgram.start(folder, Map.of("YIBU_DEBUG", "1"), "run", "Failing.java")) {
            result = program.finish();
        }

        assertThat(result.status()).isEqualTo(1);
        assertThat(framesOf(result)).anyMatch(CliTest::isOfTheRuntime);
    }

    @Test
    void a_failure_that_is_only_logged_is_shown_in_the_same_way() throws Exception {
        write("Forgets.java", """
                import static dev.yibu.Async.*;

                void main() throws IOException {
                    run(() -> {
                        var task = createTask("forgotten", () -> { throw new IOException("lost"); });
                        while (!task.isDone()) {
                            checkpoint();
                        }
                    });
                }
                """);

        Result result = yibu("run", "Forgets.java");

        assertThat(result.status()).isZero();
        assertThat(result.errors())
                .startsWith("ERROR: task \"forgotten\" failed and nobody has awaited it")
                .contains("\njava.io.IOException: lost\n\tat Forgets.lambda$main$");
        assertThat(framesOf(result)).isNotEmpty().noneMatch(CliTest::isOfTheRuntime);
    }

    @Test
    void the_configuration_of_the_log_is_the_users_if_there_is_one() throws Exception {
        write("log.properties", """
                handlers = java.util.logging.ConsoleHandler
                java.util.logging.SimpleFormatter.format = mine: %5$s%n
                """);
        write("Logs.java", """
                void main() {
                    System.getLogger("some").log(System.Logger.Level.WARNING, "careful");
                }
                """);

        assertThat(yibu("run", "Logs.java").errors()).isEqualTo("WARNING: careful\n");
        try (CliTestProgram program = CliTestProgram.start(
                folder,
                Map.of("JDK_JAVA_OPTIONS", "-Djava.util.logging.config.file=log.properties"),
                "run",
                "Logs.java")) {
            assertThat(program.finish().errors()).endsWith("mine: careful\n");
        }
    }

    @Test
    void an_exception_in_another_thread_is_shown_in_the_same_way() throws Exception {
        write("Thrower.java", """
                void main() throws InterruptedException {
                    Thread thread = new Thread(() -> { throw new RuntimeException("far"); }, "other");
                    thread.start();
                    thread.join();
                }
                """);

        Result result = yibu("run", "Thrower.java");

        assertThat(result.status()).isZero();
        assertThat(result.errors()).startsWith("Exception in thread \"other\" java.lang.RuntimeException: far\n");
        assertThat(framesOf(result)).isNotEmpty().noneMatch(CliTest::isOfTheRuntime);
    }

    private static List<String> framesOf(Result result) {
        return result.errors()
                .lines()
                .filter(line -> line.strip().startsWith("at "))
                .toList();
    }

    private static boolean isOfTheRuntime(String frame) {
        return FRAMES_OF_THE_RUNTIME.stream().anyMatch(frame::contains);
    }

    // ---------------------------------------------------------------- signals

    private static final String CLEANS_UP = """
            import static dev.yibu.Async.*;

            import java.time.Duration;

            void main(String[] args) {
                run(() -> usingRun(() -> "resource", this::release, _ -> {
                    IO.println("waiting");
                    sleep(Duration.ofHours(1));
                }));
                IO.println("never");
            }

            void release(String resource) {
                IO.println("releasing");
                sleep(Duration.ofMillis(RELEASE));
                IO.println("released");
            }
            """;

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void ctrl_c_ends_a_program_with_130_after_its_clean_up() throws Exception {
        write("CleansUp.java", CLEANS_UP.replace("RELEASE", "50"));
        try (CliTestProgram program = CliTestProgram.start(folder, "run", "CleansUp.java")) {
            program.awaitLine("waiting");
            program.signal("INT");

            assertThat(program.finish()).isEqualTo(new Result(130, "waiting\nreleasing\nreleased\n", ""));
        }
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void sigterm_ends_a_program_with_143_after_its_clean_up() throws Exception {
        write("CleansUp.java", CLEANS_UP.replace("RELEASE", "50"));
        try (CliTestProgram program = CliTestProgram.start(folder, "run", "CleansUp.java")) {
            program.awaitLine("waiting");
            program.signal("TERM");

            assertThat(program.finish()).isEqualTo(new Result(143, "waiting\nreleasing\nreleased\n", ""));
        }
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void a_second_ctrl_c_ends_a_program_at_once() throws Exception {
        write("CleansUp.java", CLEANS_UP.replace("RELEASE", "9_000"));
        try (CliTestProgram program = CliTestProgram.start(folder, "run", "CleansUp.java")) {
            program.awaitLine("waiting");
            program.signal("INT");
            program.awaitLine("releasing");
            program.signal("INT");

            assertThat(program.finish()).isEqualTo(new Result(130, "waiting\nreleasing\n", ""));
        }
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void ctrl_c_ends_a_program_outside_of_run_as_it_ends_any() throws Exception {
        write("Outside.java", """
                void main() throws InterruptedException {
                    IO.println("waiting");
                    Thread.sleep(3_600_000);
                }
                """);
        try (CliTestProgram program = CliTestProgram.start(folder, "run", "Outside.java")) {
            program.awaitLine("waiting");
            program.signal("INT");

            assertThat(program.finish()).isEqualTo(new Result(130, "waiting\n", ""));
        }
    }

    private Result yibu(String... arguments) throws Exception {
        try (CliTestProgram program = CliTestProgram.start(folder, arguments)) {
            return program.finish();
        }
    }

    private void write(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }
}
