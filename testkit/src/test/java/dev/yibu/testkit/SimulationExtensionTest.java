package dev.yibu.testkit;

import static dev.yibu.Async.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.testkit.engine.EventConditions.event;
import static org.junit.platform.testkit.engine.EventConditions.finishedWithFailure;
import static org.junit.platform.testkit.engine.TestExecutionResultConditions.instanceOf;
import static org.junit.platform.testkit.engine.TestExecutionResultConditions.message;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;

/** How the annotations work with JUnit. */
class SimulationExtensionTest {
    private static final List<String> LOG = new ArrayList<>();
    private static final AtomicInteger RUNS = new AtomicInteger();

    private static Events execute(Class<?> tests) {
        LOG.clear();
        RUNS.set(0);
        return EngineTestKit.engine("junit-jupiter")
                .selectors(selectClass(tests))
                .configurationParameter("junit.jupiter.extensions.autodetection.enabled", "false")
                .execute()
                .testEvents();
    }

    static class Lifecycle {
        private int touched;

        @BeforeEach
        void before() {
            sleep(Duration.ofMinutes(1));
            LOG.add("before " + touched++);
        }

        @Explore(seeds = 2)
        void test() {
            run(() -> sleep(Duration.ofHours(1)));
            LOG.add("test " + touched++);
        }

        @AfterEach
        void after() {
            sleep(Duration.ofMinutes(1));
            LOG.add("after " + touched++);
        }
    }

    @Test
    void each_schedule_has_its_own_instance_with_before_and_after_in_the_same_world() {
        execute(Lifecycle.class).assertStatistics(stats -> stats.started(1).succeeded(1));

        assertThat(LOG).containsExactly("before 0", "test 1", "after 2", "before 0", "test 1", "after 2");
    }

    @VirtualTime
    static class WholeClass {
        @Test
        void plain() {
            RUNS.incrementAndGet();
            sleep(Duration.ofDays(1));
        }

        @ParameterizedTest
        @ValueSource(ints = {1, 2, 3})
        void with_parameters(int days) {
            RUNS.addAndGet(10 * days);
            sleep(Duration.ofDays(days));
        }

        @Nested
        class Inner {
            @Test
            void too() {
                RUNS.incrementAndGet();
                sleep(Duration.ofDays(1));
            }
        }
    }

    @Test
    void an_annotation_on_the_class_is_for_all_its_tests_with_parameters_and_nested_ones_too() {
        execute(WholeClass.class).assertStatistics(stats -> stats.started(5).succeeded(5));

        assertThat(RUNS).hasValue(62);
    }

    static class Failing {
        @Explore(seeds = 100, first = 40)
        void fails() throws IOException {
            if (RUNS.incrementAndGet() % 5 == 0) {
                throw new IOException("disk full");
            }
        }
    }

    @Test
    void a_failure_says_which_schedule_it_was_and_that_its_replay_went_another_way() {
        execute(Failing.class)
                .assertThatEvents()
                .haveExactly(
                        1,
                        event(finishedWithFailure(
                                instanceOf(SimulationFailure.class),
                                message(text -> text.contains("schedule 5 of 100: java.io.IOException: disk full")
                                        && text.contains("replay: @Replay(\"random/44\")")
                                        && text.contains("It did not fail when it was replayed")))));
    }

    static class Assuming {
        @Explore(seeds = 100)
        void assumes() {
            Assumptions.abort("not here");
        }
    }

    @Test
    void an_assumption_that_fails_is_no_failure() {
        execute(Assuming.class).assertStatistics(stats -> stats.started(1).aborted(1));
    }

    static class Cancelled {
        @CancelEverywhere
        void waits_three_times() {
            RUNS.incrementAndGet();
            try (Tracked resource = Tracked.open("resource")) {
                sleep(Duration.ofSeconds(1));
                sleep(Duration.ofSeconds(1));
                assertThat(resource.isOpen()).isTrue();
                sleep(Duration.ofSeconds(1));
            }
        }

        @AfterEach
        void clean_up_is_not_cancelled() {
            sleep(Duration.ofSeconds(1));
            LOG.add("cleaned up");
        }
    }

    @Test
    void a_test_is_cancelled_at_each_crossing_and_its_clean_up_is_not() {
        execute(Cancelled.class).assertStatistics(stats -> stats.started(1).succeeded(1));

        assertThat(RUNS.get()).isGreaterThan(6); // a sleep is a checkpoint and a wait
        assertThat(LOG).hasSize(RUNS.get());
    }

    static class NoConstructor {
        NoConstructor(org.junit.jupiter.api.TestInfo info) {
            LOG.add(info.getDisplayName());
        }

        @VirtualTime
        void test() {}
    }

    @Test
    void a_class_that_needs_parameters_is_refused_with_the_reason() {
        execute(NoConstructor.class)
                .assertThatEvents()
                .haveExactly(
                        1,
                        event(finishedWithFailure(
                                message(text -> text.contains("needs a constructor without parameters")))));
    }
}
