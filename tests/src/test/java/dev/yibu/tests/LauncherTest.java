package dev.yibu.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * The {@code yibu} script, copied into a small checkout of its own, in a world where every JDK and Maven is a script
 * that says what it was asked to do.
 */
@DisabledOnOs(OS.WINDOWS)
class LauncherTest {
    private static final List<String> TOOLS = List.of(
            "cat", "cksum", "date", "find", "mkdir", "mv", "readlink", "rm", "sed", "sleep", "sort", "tail", "touch");

    @TempDir
    private Path world;

    private Path checkout;
    private Path home;
    private Path bin;
    private Path system;
    private Path elsewhere;
    private final Map<String, String> environment = new HashMap<>();
    private final Map<Long, Path> outputs = new HashMap<>();

    @BeforeEach
    void build_the_world() throws IOException {
        checkout = Files.createDirectories(world.resolve("a check out"));
        home = Files.createDirectories(world.resolve("home"));
        bin = Files.createDirectories(world.resolve("bin"));
        system = world.resolve("system");
        elsewhere = Files.createDirectories(world.resolve("else where"));

        String launcher = Files.readString(repository().resolve("yibu"));
        assertThat(launcher).contains("\nsystem=''\n");
        script(checkout.resolve("yibu"), launcher.replace("\nsystem=''\n", "\nsystem='" + system + "'\n"));
        write(checkout.resolve("pom.xml"), "<project/>");
        write(checkout.resolve("core/src/main/java/A.java"), "class A {}");
        write(checkout.resolve("cli/src/main/java/B.java"), "class B {}");
        write(checkout.resolve("tests/src/test/java/C.java"), "class C {}");

        for (String tool : TOOLS) {
            script(bin.resolve(tool), "#!/bin/sh\nexec '" + onPath(tool) + "' \"$@\"\n");
        }
        maven("3.8.7", "");
        environment.put("HOME", home.toString());
        environment.put("PATH", bin.toString());
    }

    @Test
    void finds_a_jdk_25_when_the_default_java_is_17() throws Exception {
        Path old = jdk(system.resolve("usr/lib/jvm/java-17"), "17.0.15");
        Files.createSymbolicLink(bin.resolve("java"), old.resolve("bin/java"));
        jdk(system.resolve("usr/lib/jvm/java-21"), "21.0.2");
        Path found = jdk(system.resolve("usr/lib/jvm/java-25"), "25.0.1");

        assertThat(yibu("hello").java()).isEqualTo(found);
    }

    @Test
    void the_jdk_that_yibu_java_home_names_comes_first() throws Exception {
        Path named = jdk(world.resolve("my jdk"), "26-ea");
        environment.put("YIBU_JAVA_HOME", named.toString());
        environment.put("JAVA_HOME", jdk(world.resolve("other"), "25.0.1").toString());

        assertThat(yibu("hello").java()).isEqualTo(named);
    }

    @Test
    void a_yibu_java_home_that_is_too_old_is_an_error() throws Exception {
        environment.put("YIBU_JAVA_HOME", jdk(world.resolve("old"), "21.0.2").toString());
        environment.put("JAVA_HOME", jdk(world.resolve("new"), "25").toString());

        Outcome outcome = yibu("hello");

        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.errors()).contains("YIBU_JAVA_HOME", "a JDK 21", "JDK 25 or later");
    }

    @Test
    void a_yibu_java_home_that_is_no_jdk_is_an_error() throws Exception {
        environment.put("YIBU_JAVA_HOME", elsewhere.toString());

        Outcome outcome = yibu("hello");

        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.errors()).contains(elsewhere.toString(), "no bin/java and bin/javac");
    }

    @Test
    void java_home_comes_before_the_path() throws Exception {
        Path named = jdk(world.resolve("named"), "25");
        environment.put("JAVA_HOME", named.toString());
        Path other = jdk(world.resolve("other"), "25");
        Files.createSymbolicLink(bin.resolve("java"), other.resolve("bin/java"));

        assertThat(yibu("hello").java()).isEqualTo(named);
    }

    @Test
    void a_java_home_that_is_too_old_is_passed_over_silently() throws Exception {
        environment.put("JAVA_HOME", jdk(world.resolve("old"), "17.0.1").toString());
        Path found = jdk(home.resolve(".jdks/openjdk-25"), "25.0.1");
        yibu("hello");

        Outcome outcome = yibu("hello");

        assertThat(outcome.java()).isEqualTo(found);
        assertThat(outcome.errors()).isEmpty();
    }

    @Test
    void finds_what_sdkman_installed() throws Exception {
        jdk(home.resolve(".sdkman/candidates/java/21.0.2-tem"), "21.0.2");
        Path found = jdk(home.resolve(".sdkman/candidates/java/25-tem"), "25");

        assertThat(yibu("hello").java()).isEqualTo(found);
    }

    @Test
    void finds_a_jdk_in_the_folder_that_macos_keeps_them_in() throws Exception {
        Path found = jdk(system.resolve("Library/Java/JavaVirtualMachines/temurin-25.jdk/Contents/Home"), "25.0.1");

        assertThat(yibu("hello").java()).isEqualTo(found);
    }

    @Test
    void a_runtime_without_a_compiler_will_not_do() throws Exception {
        Files.delete(jdk(system.resolve("usr/lib/jvm/jre-25"), "25").resolve("bin/javac"));

        assertThat(yibu("hello").status()).isEqualTo(2);
    }

    @Test
    void asks_a_jdk_that_has_no_release_file_for_its_version() throws Exception {
        Path found = jdk(system.resolve("usr/lib/jvm/bare"), "25.0.1");
        Files.delete(found.resolve("release"));

        assertThat(yibu("hello").java()).isEqualTo(found);
    }

    @Test
    void asks_the_stand_in_of_a_version_manager_where_its_jdk_is() throws Exception {
        Path found = jdk(world.resolve("managed"), "25.0.1");
        script(bin.resolve("java"), "#!/bin/sh\nexec '" + found.resolve("bin/java") + "' \"$@\"\n");

        assertThat(yibu("hello").java()).isEqualTo(found);
    }

    @Test
    void without_a_jdk_25_it_says_how_to_get_one_and_exits_with_2() throws Exception {
        Path old = jdk(system.resolve("usr/lib/jvm/java-17"), "17.0.15");

        for (String command : List.of("tour", "test")) {
            Outcome outcome = yibu(command);

            assertThat(outcome.status()).isEqualTo(2);
            assertThat(outcome.output()).isEmpty();
            assertThat(outcome.errors())
                    .contains("needs a JDK 25 or later", "17, in " + old)
                    .contains("temurin-25-jdk", "sdk install java 25-tem", "YIBU_JAVA_HOME");
        }
        assertThat(mavenStarts()).isEmpty();
    }

    @Test
    void without_maven_it_says_how_to_get_it_and_exits_with_2() throws Exception {
        jdk25();
        Files.delete(bin.resolve("mvn"));

        for (String command : List.of("tour", "test")) {
            Outcome outcome = yibu(command);

            assertThat(outcome.status()).isEqualTo(2);
            assertThat(outcome.errors())
                    .contains("needs Maven 3.8.7 or later", "apt-get install maven", "brew install maven");
        }
    }

    @Test
    void a_maven_that_is_too_old_is_an_error() throws Exception {
        jdk25();
        maven("3.8.6", "");

        Outcome outcome = yibu("hello");

        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.errors()).contains("needs Maven 3.8.7 or later", "is 3.8.6");
    }

    @Test
    void a_later_maven_will_do() throws Exception {
        jdk25();
        maven("4.0.0-rc-5", "");

        assertThat(yibu("hello").status()).isZero();
    }

    @Test
    void maven_is_not_needed_when_all_is_built() throws Exception {
        jdk25();
        yibu("hello");
        Files.delete(bin.resolve("mvn"));

        assertThat(yibu("hello").status()).isZero();
    }

    @Test
    void builds_with_the_jdk_that_it_found_and_says_so_in_a_line() throws Exception {
        Path jdk = jdk25();

        Outcome outcome = yibu("hello");

        assertThat(outcome.status()).isZero();
        assertThat(outcome.errors().lines())
                .satisfiesExactly(
                        line -> assertThat(line).startsWith("yibu: building, about a minute on first use"),
                        line -> assertThat(line).matches("yibu: built in \\d+ s"));
        assertThat(mavenStarts()).singleElement().asString().startsWith(jdk + " -q -B -ntp package");
    }

    @Test
    void does_not_start_maven_when_nothing_changed() throws Exception {
        jdk25();
        yibu("hello");

        Outcome outcome = yibu("hello");

        assertThat(outcome.errors()).isEmpty();
        assertThat(mavenStarts()).hasSize(1);
    }

    @Test
    void starts_maven_when_a_source_changed() throws Exception {
        jdk25();
        yibu("hello");
        write(checkout.resolve("core/src/main/java/A.java"), "class A2 {}");

        assertThat(yibu("hello").errors()).contains("building, since sources have changed");
        assertThat(mavenStarts()).hasSize(2);
    }

    @Test
    void starts_maven_when_a_source_is_new_or_gone_or_has_another_name() throws Exception {
        jdk25();
        yibu("hello");

        write(checkout.resolve("core/src/main/java/New.java"), "class New {}");
        yibu("hello");
        assertThat(mavenStarts()).hasSize(2);

        Files.move(checkout.resolve("core/src/main/java/New.java"), checkout.resolve("core/src/main/java/Newer.java"));
        yibu("hello");
        assertThat(mavenStarts()).hasSize(3);

        Files.delete(checkout.resolve("core/src/main/java/Newer.java"));
        yibu("hello");
        assertThat(mavenStarts()).hasSize(4);
    }

    @Test
    void starts_maven_when_a_pom_changed() throws Exception {
        jdk25();
        yibu("hello");
        write(checkout.resolve("pom.xml"), "<project></project>");
        yibu("hello");

        assertThat(mavenStarts()).hasSize(2);
    }

    @Test
    void a_touched_file_or_a_changed_test_is_no_reason_to_build() throws Exception {
        jdk25();
        yibu("hello");
        write(checkout.resolve("core/src/main/java/A.java"), "class A {}");
        write(checkout.resolve("tests/src/test/java/C.java"), "class D {}");
        write(checkout.resolve("core/src/test/java/E.java"), "class E {}");
        write(checkout.resolve("core/target/src/main/java/F.java"), "class F {}");
        yibu("hello");

        assertThat(mavenStarts()).hasSize(1);
    }

    @Test
    void a_source_that_changes_during_the_build_is_built_the_next_time() throws Exception {
        jdk25();
        maven("3.8.7", "echo 'class A3 {}' >core/src/main/java/A.java");
        yibu("hello");
        yibu("hello");
        assertThat(mavenStarts()).hasSize(2);

        yibu("hello");
        assertThat(mavenStarts()).hasSize(2);
    }

    @Test
    void a_failed_build_shows_the_end_of_its_log_exits_with_1_and_is_tried_again() throws Exception {
        jdk25();
        maven("3.8.7", "echo '[ERROR] A.java: no such thing'; echo '[ERROR] -> [Help 1]'; exit 1");

        Outcome outcome = yibu("hello");

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.output()).isEmpty();
        assertThat(outcome.errors())
                .contains(
                        "the build failed",
                        checkout.resolve("cli/target/build.log").toString())
                .contains("A.java: no such thing")
                .doesNotContain("Help 1");

        maven("3.8.7", "");
        assertThat(yibu("hello").status()).isZero();
    }

    @Test
    void two_launchers_at_once_build_once() throws Exception {
        jdk25();
        maven("3.8.7", "sleep 1");
        Process first = start(checkout, "sh", "yibu", "one");
        Process second = start(checkout, "sh", "yibu", "two");

        assertThat(finish(first).arguments()).containsExactly("one");
        assertThat(finish(second).arguments()).containsExactly("two");
        assertThat(mavenStarts()).hasSize(1);
        assertThat(checkout.resolve("cli/target/build.lock")).doesNotExist();
    }

    @Test
    void a_lock_whose_owner_is_gone_is_broken() throws Exception {
        jdk25();
        Process gone = start(checkout, "sh", "-c", ":");
        finish(gone);
        write(checkout.resolve("cli/target/build.lock/pid"), gone.pid() + "\n");

        assertThat(yibu("hello").status()).isZero();
        assertThat(checkout.resolve("cli/target/build.lock")).doesNotExist();
    }

    @Test
    void a_build_that_was_interrupted_is_done_again() throws Exception {
        jdk25();
        environment.put("WHEN_CACHING", "kill -TERM $PPID");

        assertThat(yibu("hello").status()).isEqualTo(143);
        assertThat(checkout.resolve("cli/target/build.lock")).doesNotExist();

        environment.put("WHEN_CACHING", "kill -KILL $PPID");

        assertThat(yibu("hello").status()).isEqualTo(137);
        assertThat(checkout.resolve("cli/target/build.lock")).isDirectory();

        environment.remove("WHEN_CACHING");

        assertThat(yibu("hello").status()).isZero();
        assertThat(mavenStarts()).hasSize(3);
        assertThat(checkout.resolve("cli/target/build.lock")).doesNotExist();
    }

    @Test
    void a_checkout_that_can_not_be_written_is_told_and_the_exit_status_is_2() throws Exception {
        jdk25();
        for (String unwritable : List.of("cli/target", "build.lock")) {
            script(bin.resolve("mkdir"), """
                    #!/bin/sh
                    case "$*" in *%s) echo 'mkdir: no' >&2; exit 1 ;; esac
                    exec '%s' "$@"
                    """.formatted(unwritable, onPath("mkdir")));

            Outcome outcome = yibu("hello");

            assertThat(outcome.status()).isEqualTo(2);
            assertThat(outcome.errors())
                    .isEqualTo("yibu: has to be built, and can't write to " + checkout.toRealPath()
                            + "/cli/target; make that folder writable, or copy the checkout.\n");
        }
    }

    @Test
    void a_checkout_that_is_built_need_not_be_writable() throws Exception {
        jdk25();
        yibu("hello");
        for (String tool : List.of("mkdir", "mv", "rm", "touch")) {
            Files.delete(bin.resolve(tool));
        }

        assertThat(yibu("hello").arguments()).containsExactly("hello");
    }

    @Test
    void a_user_need_not_have_a_home() throws Exception {
        jdk25();
        environment.remove("HOME");

        assertThat(yibu("hello").arguments()).containsExactly("hello");
    }

    @Test
    void arguments_arrive_as_they_were_given() throws Exception {
        jdk25();
        String[] arguments = {"run", "a file.java", "", "*", "it's", "\"quoted\"", "$HOME", "back\\slash", "--", "-x"};

        assertThat(yibu(arguments).arguments()).containsExactly(arguments);
    }

    @Test
    void the_exit_status_is_the_programs() throws Exception {
        jdk25();
        environment.put("EXIT_WITH", "42");

        assertThat(yibu("hello").status()).isEqualTo(42);
    }

    @Test
    void the_program_takes_the_place_of_the_launcher_so_that_signals_reach_it() throws Exception {
        jdk25();
        Process process = start(checkout, "sh", "yibu", "hello");

        assertThat(finish(process).value("pid")).isEqualTo(Long.toString(process.pid()));
    }

    @Test
    void starts_from_any_folder_through_symbolic_links_and_stays_in_the_users_folder() throws Exception {
        jdk25();
        Path links = Files.createDirectories(world.resolve("links"));
        Files.createSymbolicLink(links.resolve("one"), checkout.resolve("yibu"));
        Files.createSymbolicLink(links.resolve("two"), Path.of("one"));

        Outcome outcome = finish(start(elsewhere, links.resolve("two").toString(), "hello"));

        assertThat(outcome.arguments()).containsExactly("hello");
        assertThat(outcome.value("folder")).isEqualTo(elsewhere.toRealPath().toString());
        assertThat(checkout.resolve("cli/target/app")).isDirectory();
    }

    @Test
    void test_is_a_maven_verify_in_the_checkout_with_the_users_arguments_and_mavens_exit_status() throws Exception {
        Path jdk = jdk25();
        maven("3.8.7", "pwd; exit 7");

        Outcome outcome = finish(start(elsewhere, checkout.resolve("yibu").toString(), "test", "-pl", "co re"));

        assertThat(outcome.status()).isEqualTo(7);
        assertThat(outcome.output()).contains(checkout.toRealPath().toString());
        assertThat(mavenStarts()).containsExactly(jdk + " -B -ntp verify -pl co re");
    }

    @Test
    void the_help_of_test_is_the_programs_and_not_mavens() throws Exception {
        jdk25();
        for (String help : new String[] {"-h", "--help"}) {
            Outcome outcome = finish(start(elsewhere, checkout.resolve("yibu").toString(), "test", help));

            assertThat(outcome.arguments()).containsExactly("test", help);
        }
    }

    @Test
    void bench_starts_a_program_of_its_own_which_is_built_when_it_is_asked_for() throws Exception {
        jdk25();
        write(checkout.resolve("benchmarks/src/main/java/D.java"), "class D {}");
        assertThat(yibu("hello").program()).isEqualTo("dev.yibu.cli.Main");
        assertThat(mavenStarts()).singleElement().asString().contains(" -pl cli -am ");

        Outcome outcome = yibu("bench", "--quick", "gather");

        assertThat(outcome.program()).isEqualTo("dev.yibu.benchmarks.Bench");
        assertThat(outcome.value("classes")).isEqualTo(checkout.toRealPath().resolve("benchmarks/target/app") + "/*");
        assertThat(outcome.arguments()).containsExactly("--quick", "gather");
        assertThat(mavenStarts()).hasSize(2).last().asString().contains(" -pl benchmarks -am ");
    }

    @Test
    void a_program_is_built_again_when_a_source_of_its_own_or_of_both_has_changed() throws Exception {
        jdk25();
        yibu("hello");
        yibu("bench");
        assertThat(mavenStarts()).hasSize(2);

        write(checkout.resolve("benchmarks/src/main/resources/peer.py"), "new");
        yibu("hello");
        assertThat(mavenStarts()).hasSize(2);
        yibu("bench");
        assertThat(mavenStarts()).hasSize(3);

        write(checkout.resolve("cli/src/main/java/B.java"), "class B2 {}");
        yibu("bench");
        assertThat(mavenStarts()).hasSize(3);
        yibu("hello");
        assertThat(mavenStarts()).hasSize(4);

        write(checkout.resolve("core/src/main/java/A.java"), "class A2 {}");
        yibu("hello");
        yibu("bench");
        yibu("hello");
        assertThat(mavenStarts()).hasSize(6);
    }

    private Path jdk25() throws IOException {
        return jdk(system.resolve("usr/lib/jvm/java-25"), "25.0.1");
    }

    /** A folder that looks like a JDK; its java tells, line by line, how it was started. */
    private static Path jdk(Path folder, String version) throws IOException {
        write(folder.resolve("release"), "IMPLEMENTOR=\"Nobody\"\nJAVA_VERSION=\"" + version + "\"\n");
        script(folder.resolve("bin/javac"), "#!/bin/sh\n");
        script(folder.resolve("bin/java"), """
                #!/bin/sh
                case $1 in
                    -version) echo 'openjdk version "%1$s" 2026-01-01' >&2; exit ;;
                    -XshowSettings:properties) echo '    java.home = %2$s' >&2; exit ;;
                esac
                case $1 in
                    -XX:AOTCacheOutput=*) eval "${WHEN_CACHING-}"; exit ;;
                esac
                printf '%%s\\n' 'java=%2$s' "pid=$$" "folder=$(pwd -P)"
                while [ "$1" != -cp ]; do shift; done
                printf '%%s\\n' "classes=$2" "program=$3"
                shift 3
                for argument; do printf 'argument=%%s\\n' "$argument"; done
                exit "${EXIT_WITH-0}"
                """.formatted(version, folder));
        return folder;
    }

    /** A Maven that notes how it was started, runs the given lines of shell and builds an empty program. */
    private void maven(String version, String lines) throws IOException {
        script(bin.resolve("mvn"), """
                #!/bin/sh
                if [ "$1" = -v ]; then
                    printf '\\033[1mApache Maven %1$s\\033[m\\n'
                    exit
                fi
                echo "$JAVA_HOME $*" >>'%2$s'
                %3$s
                for argument; do
                    case $argument in
                        -Dyibu.app=*) mkdir -p "${argument#*=}" && touch "${argument#*=}/yibu.jar" ;;
                    esac
                done
                """.formatted(version, world.resolve("maven-starts"), lines));
    }

    private List<String> mavenStarts() throws IOException {
        Path file = world.resolve("maven-starts");
        return Files.exists(file) ? Files.readAllLines(file) : List.of();
    }

    private Outcome yibu(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("sh", "yibu"));
        Collections.addAll(command, arguments);
        return finish(start(checkout, command.toArray(String[]::new)));
    }

    private Process start(Path folder, String... command) throws IOException {
        String[] resolved = command.clone();
        if (command[0].equals("sh")) {
            resolved[0] = onPath("sh").toString();
        }
        Path directory = Files.createTempDirectory(world, "run");
        ProcessBuilder builder = new ProcessBuilder(resolved)
                .directory(folder.toFile())
                .redirectOutput(directory.resolve("output").toFile())
                .redirectError(directory.resolve("errors").toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        Process process = builder.start();
        outputs.put(process.pid(), directory);
        return process;
    }

    private Outcome finish(Process process) throws Exception {
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).as("ended in time").isTrue();
        Path directory = outputs.get(process.pid());
        return new Outcome(
                process.exitValue(),
                Files.readString(directory.resolve("output")),
                Files.readString(directory.resolve("errors")));
    }

    private record Outcome(int status, String output, String errors) {
        Path java() {
            return Path.of(value("java"));
        }

        String value(String name) {
            return values(name).getFirst();
        }

        String program() {
            return value("program");
        }

        List<String> arguments() {
            return values("argument");
        }

        private List<String> values(String name) {
            assertThat(output).as("output; errors: %s", errors).isNotEmpty();
            return output.lines()
                    .filter(line -> line.startsWith(name + "="))
                    .map(line -> line.substring(name.length() + 1))
                    .toList();
        }
    }

    private static Path repository() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve("yibu"))) {
            folder = folder.getParent();
        }
        return folder;
    }

    private static Path onPath(String tool) {
        return Pattern.compile(File.pathSeparator, Pattern.LITERAL)
                .splitAsStream(System.getenv("PATH"))
                .map(folder -> Path.of(folder, tool))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow();
    }

    private static void script(Path file, String text) throws IOException {
        write(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }
}
