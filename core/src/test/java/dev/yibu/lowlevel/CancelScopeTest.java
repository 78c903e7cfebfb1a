package dev.yibu.lowlevel;

import static dev.yibu.Async.forEachConcurrent;
import static dev.yibu.Async.generator;
import static dev.yibu.Async.run;
import static dev.yibu.stream.AsyncIterable.merge;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.yibu.Async;
import dev.yibu.CancelReason;
import dev.yibu.CancelReason.Kind;
import dev.yibu.Cancelled;
import dev.yibu.stream.AsyncIterable;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The formula of cancellation, on random trees, against a model that computes it from its definition. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CancelScopeTest {
    private static final int TREES = 150;

    private ManualDriver driver = new ManualDriver();
    private long now;

    /** The scope of a group: children hang below it. */
    private static final class Group extends CancelScope {
        private final List<Strand> children = new ArrayList<>();

        Group(Strand strand) {
            super(strand);
        }

        @Override
        public void visitChildren(Consumer<? super Strand> visitor) {
            children.forEach(visitor);
        }
    }

    /** What one scope should be like. */
    private static final class Model {
        final CancelScope real;
        final @Nullable Model parent;
        final long grace;

        @Nullable
        String reason;

        boolean shielding;
        long graceEnds = -1;
        boolean left;

        Model(CancelScope real, @Nullable Model parent, long grace) {
            this.real = real;
            this.parent = parent;
            this.grace = grace;
            this.shielding = grace > 0;
        }

        boolean isEffectivelyCancelled() {
            return reason != null || (!shielding && parent != null && parent.isEffectivelyCancelled());
        }

        @Nullable
        String outermostReason() {
            String outer = shielding || parent == null ? null : parent.outermostReason();
            return outer == null ? reason : outer;
        }

        /** Whether a cancellation stands before this shield. */
        boolean keepsOut() {
            return shielding && !left && parent != null && parent.isEffectivelyCancelled();
        }
    }

    private final List<Model> models = new ArrayList<>();
    private final List<Strand> strands = new ArrayList<>();

    private void plantTree(boolean interruptible) {
        driver = new ManualDriver();
        now = 0;
        models.clear();
        strands.clear();
        addStrand(null, interruptible);
    }

    private Model modelOf(CancelScope scope) {
        return models.stream().filter(m -> m.real == scope).findFirst().orElseThrow();
    }

    private void addStrand(@Nullable Group parent, boolean interruptible) {
        Strand strand = new Strand(driver, parent, Context.EMPTY) {
            @Override
            protected boolean interruptible() {
                return interruptible;
            }
        };
        if (parent != null) {
            parent.children.add(strand);
        }
        strands.add(strand);
        models.add(new Model(strand, parent == null ? null : modelOf(parent), 0));
    }

    private void addGroup(Strand strand) {
        Group group = new Group(strand);
        models.add(new Model(group, modelOf(strand.scope()), 0));
        group.enter();
    }

    private void addShield(Strand strand, long grace) {
        Shield shield = new Shield(strand, grace);
        models.add(new Model(shield, modelOf(strand.scope()), grace));
        shield.enter();
    }

    private void addStrandSomewhere(Random random, boolean interruptible) {
        List<Model> groups =
                models.stream().filter(m -> m.real instanceof Group && !m.left).toList();
        if (!groups.isEmpty()) {
            addStrand((Group) groups.get(random.nextInt(groups.size())).real, interruptible);
        }
    }

    private static <T> T any(List<T> list, Random random) {
        return list.get(random.nextInt(list.size()));
    }

    private void grow(Random random, boolean interruptible) {
        switch (random.nextInt(4)) {
            case 0, 1 -> addGroup(any(strands, random));
            case 2 -> addShield(any(strands, random), random.nextInt(20));
            default -> addStrandSomewhere(random, interruptible);
        }
    }

    private void cancelSomething(Random random, String message) {
        Model model = any(models, random);
        boolean first = model.reason == null;
        assertThat(model.real.cancel(new CancelReason(Kind.REQUESTED, message))).isEqualTo(first);
        if (first) {
            model.reason = message;
        }
    }

    private void leaveSomething(Random random) {
        Strand strand = any(strands, random);
        if (strand.scope() == strand || (strand.scope() instanceof Group group && !group.children.isEmpty())) {
            return;
        }
        Model model = modelOf(strand.scope());
        assertThat(strand.scope().leave(null)).isNull();
        model.left = true;
    }

    /** Starts the graces that have to start, and ends those that are over. */
    private void modelTime() {
        boolean changed = true;
        while (changed) {
            changed = false;
            for (Model model : models) {
                if (model.keepsOut() && model.graceEnds < 0) {
                    model.graceEnds = now + model.grace;
                }
                if (model.graceEnds >= 0 && model.graceEnds <= now && model.shielding && !model.left) {
                    model.shielding = false;
                    changed = true;
                }
            }
        }
    }

    private void check(String when) {
        for (Model model : models) {
            if (model.left) {
                continue;
            }
            assertThat(model.real.isShielding()).as("shielding %s", when).isEqualTo(model.shielding);
            assertThat(model.real.isCancelled()).as("cancelled %s", when).isEqualTo(model.isEffectivelyCancelled());
            CancelReason reason = model.real.effectiveReason();
            assertThat(reason == null ? null : reason.message())
                    .as("reason %s", when)
                    .isEqualTo(model.outermostReason());
            CancelReason own = model.real.reason();
            assertThat(own == null ? null : own.message()).as("own %s", when).isEqualTo(model.reason);
        }
    }

    @Test
    void effectively_cancelled_is_requested_or_not_shielded_and_the_parent_effectively_cancelled() {
        long seed = System.nanoTime();
        System.out.println("CancelScopeTest seed " + seed);
        Random random = new Random(seed);
        for (int tree = 0; tree < TREES; tree++) {
            plantTree(false);
            for (int step = 0; step < 60; step++) {
                String when = "in step " + step + " of tree " + tree + ", seed " + seed;
                switch (random.nextInt(8)) {
                    case 0, 1, 2, 3 -> grow(random, false);
                    case 4 -> cancelSomething(random, when);
                    case 5 -> leaveSomething(random);
                    default -> driver.advanceTo(now += random.nextInt(8));
                }
                driver.fireDue();
                modelTime();
                check(when);
            }
        }
    }

    /** The strands have threads that compute; a cancel must ask for an interrupt of those that are to unwind. */
    @Test
    void a_cancel_reaches_every_strand_that_is_effectively_cancelled_and_no_other() {
        long seed = System.nanoTime();
        System.out.println("CancelScopeTest seed " + seed);
        Random random = new Random(seed);
        for (int tree = 0; tree < TREES; tree++) {
            plantTree(true);
            for (int step = 0; step < 30; step++) {
                grow(random, true);
            }
            strands.forEach(strand -> strand.unbind(strand.bind()));
            String when = "in tree " + tree + ", seed " + seed;
            Threads.runToEnd(() -> {
                for (int cancels = random.nextInt(1, 4); cancels > 0; cancels--) {
                    cancelSomething(random, when);
                }
                modelTime();
                driver.advanceTo(now += random.nextInt(30));
                driver.fireDue();
            });
            modelTime();

            assertThat(driver.interruptersAsked())
                    .as("interrupts asked for %s", when)
                    .isEqualTo((int) strands.stream()
                            .filter(s -> modelOf(s.scope()).isEffectivelyCancelled())
                            .count());
        }
    }

    @Test
    void the_first_reason_wins_and_is_kept() {
        Strand strand = new Strand(driver, null, Context.EMPTY);
        CancelReason first = new CancelReason(Kind.DEADLINE, "deadline of 200 ms at Foo.java:12");

        assertThat(strand.reason()).isNull();
        assertThat(strand.cancel(first)).isTrue();
        assertThat(strand.cancel(new CancelReason(Kind.REQUESTED, "later"))).isFalse();

        assertThat(strand.reason()).isSameAs(first);
        assertThat(strand.effectiveReason()).isSameAs(first);
    }

    @Test
    void the_reason_that_counts_is_the_outermost_one() {
        Strand strand = new Strand(driver, null, Context.EMPTY);
        CancelScope inner = new CancelScope(strand) {};
        inner.enter();
        inner.cancel(new CancelReason(Kind.REQUESTED, "inner"));
        assertThat(inner.effectiveReason()).hasToString("inner");

        strand.cancel(new CancelReason(Kind.REQUESTED, "outer"));

        assertThat(inner.reason()).hasToString("inner");
        assertThat(inner.effectiveReason()).hasToString("outer");
    }

    @Test
    void a_cancel_needs_a_reason() {
        assertThatNullPointerException()
                .isThrownBy(() -> new Strand(driver, null, Context.EMPTY).cancel(null))
                .withMessage("reason");
    }

    @Test
    void a_scope_that_was_left_disturbs_nobody_when_it_is_cancelled() {
        RunningStrand<Boolean> running = RunningStrand.start(self -> {
            CancelScope left = new CancelScope(self) {};
            left.enter();
            left.leave(null);
            Threads.runToEnd(() -> left.cancel(RunningStrand.REASON));
            self.checkpoint();
            return Thread.currentThread().isInterrupted();
        });

        assertThat(running.value()).isFalse();
    }

    @Test
    void a_scope_that_was_cancelled_before_it_is_entered_ends_what_is_in_it() {
        RunningStrand<Boolean> running = RunningStrand.start(self -> {
            CancelScope scope = new CancelScope(self) {};
            scope.cancel(RunningStrand.REASON);
            self.checkpoint(); // outside of it nothing is cancelled
            scope.enter();
            assertThatExceptionOfType(Cancelled.class).isThrownBy(self::checkpoint);
            assertThatExceptionOfType(Cancelled.class).isThrownBy(() -> new Suspension<>(self, "nothing").await());
            scope.leave(null);
            self.checkpoint();
            return Thread.currentThread().isInterrupted();
        });

        assertThat(running.value()).as("a flag left over").isFalse();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 60_000_000_000L})
    void foreign_code_in_a_scope_or_shield_that_was_cancelled_before_it_is_entered_is_interrupted(long grace) {
        RunningStrand<Boolean> running = RunningStrand.start(self -> {
            for (CancelScope scope : List.of(new CancelScope(self) {}, new Shield(self, grace))) {
                scope.cancel(RunningStrand.REASON);
                self.checkpoint();
                scope.enter();
                assertThatExceptionOfType(InterruptedException.class).isThrownBy(() -> Thread.sleep(60_000));
                assertThat(scope.leave(new InterruptedException())).isInstanceOf(Cancelled.class);
            }
            return Thread.currentThread().isInterrupted();
        });

        assertThat(running.value()).as("a flag left over").isFalse();
    }

    @Test
    void what_a_scope_has_adopted_ends_before_it_the_youngest_first() {
        List<String> ended = new ArrayList<>();
        RunningStrand<Throwable> running = RunningStrand.start(self -> {
            CancelScope scope = new CancelScope(self) {};
            scope.enter();
            for (String name : List.of("first", "second", "third")) {
                scope.adopt(new CancelScope(self) {
                    @Override
                    protected @Nullable Throwable endAbandoned(@Nullable Throwable thrown) {
                        ended.add(name);
                        return name.equals("second") ? new IllegalStateException(name) : thrown;
                    }
                });
            }
            CancelScope released = new CancelScope(self) {};
            scope.adopt(released);
            scope.release(released);
            return scope.leave(null);
        });

        assertThat(running.value()).isInstanceOf(IllegalStateException.class).hasMessage("second");
        assertThat(ended).containsExactly("third", "second", "first");
    }

    @Test
    void what_other_tasks_have_used_up_does_not_pile_up_in_a_scope_that_lives_long() {
        int left = run(() -> {
            for (int i = 0; i < 50; i++) {
                forEachConcurrent(generator(Integer.class, out -> out.emit(1)), 2, _ -> {});
                forEachConcurrent(merge(List.of(1), List.of(2)).take(1), 2, _ -> {});
            }
            CancelScope scope = Objects.requireNonNull(Strand.current()).scope();
            Eventually.isTrue("all producers have ended", () -> {
                List<Strand> producers = new ArrayList<>();
                scope.visitOwned(producers::add);
                return producers.isEmpty();
            });
            try (AsyncIterable<Integer> _ = generator(Integer.class, _ -> {})) { // whoever comes next clears up
                return scope.adopted().length;
            }
        });

        assertThat(left).isEqualTo(1);
    }

    @Test
    void items_that_have_no_iterator_leave_nothing_behind_in_the_scope() {
        Iterable<Integer> broken = () -> {
            throw new IllegalStateException("no iterator");
        };
        Async.run(() -> {
            assertThatIllegalStateException().isThrownBy(() -> Async.asCompleted(broken, 2, item -> item));
            assertThatIllegalStateException().isThrownBy(() -> Async.asCompletedOutcomes(broken, 2, item -> item));
            assertThatIllegalStateException().isThrownBy(() -> Async.asCompleted(broken, item -> item));
            assertThat(Objects.requireNonNull(Strand.current()).scope().adopted())
                    .isEmpty();
        });
    }
}
