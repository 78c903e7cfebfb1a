package dev.yibu;

import static dev.yibu.Async.gather;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FailuresTest {
    private static final int KEPT = 32;
    private static final int MILLION = 1_000_000;

    private final Failures failures = new Failures();

    /** What an exception leads to; walking it would not end if there were a circle that it could not see. */
    private static Set<Throwable> reachable(Throwable from) {
        Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        List<Throwable> path = new ArrayList<>();
        walk(from, seen, path);
        return seen;
    }

    private static void walk(Throwable next, Set<Throwable> seen, List<Throwable> path) {
        assertThat(path.stream().anyMatch(t -> t == next)).as("a circle").isFalse();
        if (next == null || !seen.add(next)) {
            return;
        }
        path.add(next);
        for (Throwable suppressed : next.getSuppressed()) {
            walk(suppressed, seen, path);
        }
        if (next.getCause() != null) {
            walk(next.getCause(), seen, path);
        }
        path.removeLast();
    }

    @Test
    void where_nothing_failed_there_is_nothing_to_throw() {
        assertThat(failures.toThrow()).isNull();
    }

    @Test
    void the_first_failure_is_thrown_with_the_others_as_suppressed_in_their_order() {
        IOException first = new IOException("first");
        IOException second = new IOException("second");
        IllegalStateException third = new IllegalStateException("third");
        failures.add(first);
        failures.add(second);
        failures.add(third);

        assertThat(failures.toThrow()).isSameAs(first);
        assertThat(first.getSuppressed()).containsExactly(second, third);
    }

    @Test
    void a_failure_never_suppresses_itself_and_another_is_suppressed_once() {
        IOException first = new IOException("first");
        IOException second = new IOException("second");
        for (int i = 0; i < 3; i++) {
            failures.add(first);
            failures.add(second);
        }

        assertThat(failures.toThrow()).isSameAs(first);
        assertThat(first.getSuppressed()).containsExactly(second);
    }

    @Test
    void a_failure_that_leads_to_the_first_is_mentioned_so_that_no_circle_arises() {
        IOException first = new IOException("first");
        IllegalStateException wrapper = new IllegalStateException("wrapper", first);
        failures.add(first);
        failures.add(wrapper);

        assertThat(failures.toThrow()).isSameAs(first);
        assertThat(reachable(first)).doesNotContain(wrapper);
        assertThat(first.getSuppressed())
                .singleElement()
                .satisfies(mention -> assertThat(mention)
                        .hasToString(wrapper.toString())
                        .extracting(Throwable::getStackTrace)
                        .isEqualTo(wrapper.getStackTrace()));
    }

    @Test
    void a_failure_that_the_first_leads_to_is_in_there_already() {
        IOException cause = new IOException("cause");
        IllegalStateException first = new IllegalStateException("first", cause);
        failures.add(first);
        failures.add(cause);

        assertThat(failures.toThrow()).isSameAs(first);
        assertThat(first.getSuppressed()).isEmpty();
    }

    @Test
    void no_failures_however_they_are_tied_together_make_a_circle() {
        long seed = Long.getLong("yibu.seed", System.nanoTime());
        System.out.println("FailuresTest seed " + seed);
        Random random = new Random(seed);
        for (int round = 0; round < 2_000; round++) {
            List<Throwable> all = new ArrayList<>();
            for (int i = 0; i < 8; i++) { // each leads at most to earlier ones
                Throwable cause = all.isEmpty() || random.nextBoolean() ? null : all.get(random.nextInt(all.size()));
                Throwable failure = new IllegalStateException("failure " + i, cause);
                if (!all.isEmpty() && random.nextInt(3) == 0) {
                    failure.addSuppressed(all.get(random.nextInt(all.size())));
                }
                all.add(failure);
            }
            Collections.shuffle(all, random);
            Failures some = new Failures();
            all.forEach(some::add);
            Throwable thrown = some.toThrow();

            assertThat(thrown).isSameAs(all.getFirst());
            Set<Throwable> reachable = reachable(thrown);
            for (Throwable failure : all) {
                assertThat(reachable.contains(failure)
                                || reachable.stream().anyMatch(t -> t.toString().equals(failure.toString())))
                        .as("%s is attached or mentioned", failure)
                        .isTrue();
            }
        }
    }

    @Test
    void those_of_a_million_children_are_capped_with_a_count_and_take_no_more_memory_than_a_few() {
        List<WeakReference<Throwable>> references = new ArrayList<>();
        for (int i = 0; i < MILLION; i++) {
            Throwable failure = new IllegalStateException("failure " + i);
            if (i % 10_000 == 0) {
                references.add(new WeakReference<>(failure));
            }
            failures.add(failure);
        }

        references.stream().skip(1).forEach(Polling::untilCollected);
        Throwable thrown = failures.toThrow();
        assertThat(thrown).hasMessage("failure 0");
        assertThat(List.of(thrown.getSuppressed()))
                .hasSize(KEPT + 1)
                .last()
                .hasToString("and " + (MILLION - 1 - KEPT) + " more failures");
    }

    @Test
    void failures_that_arrive_at_the_same_time_are_all_counted() {
        int children = 1_000;
        CountDownLatch all = new CountDownLatch(children);
        Throwable thrown =
                catchThrowable(() -> gather(IntStream.range(0, children).boxed().toList(), i -> {
                    all.countDown();
                    Polling.uninterruptibly(all);
                    throw new IllegalStateException("failure " + i);
                }));

        assertThat(thrown).isInstanceOf(IllegalStateException.class);
        assertThat(List.of(thrown.getSuppressed()))
                .hasSize(KEPT + 1)
                .last()
                .hasToString("and " + (children - 1 - KEPT) + " more failures");
    }

    @Test
    void two_groups_that_fail_with_one_exception_attach_to_it_without_a_circle() {
        IOException shared = new IOException("shared");
        IOException other = new IOException("other");
        Failures second = new Failures();
        failures.add(shared);
        failures.add(other);
        second.add(other);
        second.add(shared);
        failures.toThrow();

        assertThat(second.toThrow()).isSameAs(other);
        assertThat(reachable(other)).doesNotContain(shared);
        assertThat(reachable(shared)).contains(other);
    }
}
