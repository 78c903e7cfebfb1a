package dev.yibu.tests;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The list of seeded bugs fits today's code; {@link Mutations} looks whether the tests notice them. */
class MutationListTest {
    @ParameterizedTest
    @MethodSource("dev.yibu.tests.Mutation#all")
    void each_seeded_bug_changes_one_place_of_the_core(Mutation mutation) {
        assertThat(mutation.apply()).hasSizeGreaterThan(1);
        assertThat(mutation.after()).isNotEqualTo(mutation.before());
        assertThat(mutation.bug()).endsWith(".");
        assertThat(mutation.tests()).doesNotContain("");
    }
}
