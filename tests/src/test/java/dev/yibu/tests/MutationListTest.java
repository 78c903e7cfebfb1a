package dev.yibu.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The list of seeded bugs fits today's code; {@link Mutations} looks whether the tests notice them. */
class MutationListTest {
    private static final Set<String> TESTS = new HashSet<>();

    @BeforeAll
    static void find_the_tests() throws IOException {
        Path core = Mutation.SOURCES.resolve("../../test/java").normalize();
        Path simulated =
                Mutation.SOURCES.resolve("../../../../tests/src/test/java").normalize();
        for (Path folder : new Path[] {core, simulated}) {
            try (Stream<Path> files = Files.walk(folder)) {
                files.map(file -> file.getFileName().toString())
                        .filter(file -> file.endsWith("Test.java"))
                        .forEach(file -> TESTS.add(file.replace(".java", "")));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dev.yibu.tests.Mutation#all")
    void each_seeded_bug_changes_one_place_of_the_core(Mutation mutation) {
        assertThat(mutation.apply()).hasSizeGreaterThan(1);
        assertThat(mutation.after()).isNotEqualTo(mutation.before());
        assertThat(mutation.bug()).endsWith(".");
    }

    @ParameterizedTest
    @MethodSource("dev.yibu.tests.Mutation#all")
    void each_seeded_bug_names_tests_that_exist(Mutation mutation) {
        assertThat(TESTS).containsAll(mutation.tests());
    }
}
