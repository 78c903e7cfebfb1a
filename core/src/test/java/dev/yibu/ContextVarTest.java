package dev.yibu;

import static dev.yibu.Async.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.lowlevel.Context;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 40, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ContextVarTest {
    private static final ContextVar<String> USER = ContextVar.create("user");
    private static final ContextVar<Integer> DEPTH = ContextVar.withDefault("depth", 0);
    private static final ScopedValue<String> TRAVELLER = ScopedValue.newInstance();
    private static final ScopedValue<String> STAY_AT_HOME = ScopedValue.newInstance();
    private static final ThreadLocal<@Nullable Object> MDC = new ThreadLocal<>();

    static {
        ContextVar.travel(TRAVELLER);
        Context.register(new Context.Carrier() {
            @Override
            public @Nullable Object capture() {
                return MDC.get();
            }

            @Override
            public <T extends @Nullable Object, X extends Throwable> T restore(Object captured, Coroutine<T, X> body)
                    throws X {
                Object before = MDC.get();
                MDC.set(captured);
                try {
                    return body.run();
                } finally {
                    MDC.set(before);
                }
            }
        });
    }

    @Test
    void a_variable_has_the_value_of_the_nearest_where() {
        String seen = USER.where("alice", () -> USER.get() + USER.where("bob", () -> USER.get()) + USER.get());

        assertThat(seen).isEqualTo("alicebobalice");
        assertThat(USER.isBound()).isFalse();
    }

    @Test
    void without_a_value_there_is_a_clear_error_a_default_or_another_value() {
        assertThatThrownBy(USER::get)
                .isInstanceOf(NoSuchElementException.class)
                .hasMessageContaining("user")
                .hasMessageContaining("where(value, body)");
        assertThat(USER.orElse("another")).isEqualTo("another");
        assertThat(DEPTH.get()).isEqualTo(0);
        assertThat(DEPTH.orElse(9)).isEqualTo(0);
        assertThat(DEPTH.isBound()).isFalse();
        assertThat(DEPTH.where(1, () -> DEPTH.isBound() ? DEPTH.orElse(9) : -1)).isEqualTo(1);
        assertThat(USER).hasToString("ContextVar user");
    }

    @Test
    void where_carries_checked_exceptions_and_unbinds_when_the_body_throws() {
        IOException failure = new IOException("it broke");
        run(() -> {
            Throwable caught = null;
            try {
                USER.where("alice", () -> {
                    throw failure;
                });
            } catch (IOException e) {
                caught = e;
            }
            assertThat(caught).isSameAs(failure);
            assertThat(USER.isBound()).isFalse();
        });
    }

    @Test
    void a_task_inherits_the_values_where_it_is_started() {
        run(() -> USER.where("alice", () -> {
            assertThat(gather(() -> USER.get(), () -> USER.get())).containsOnly("alice");
            assertThat(createTask(() -> USER.get()).await()).isEqualTo("alice");
            assertThat(mapConcurrent(List.of(1, 2, 3), 2, _ -> USER.get())).containsOnly("alice");
            assertThat(race(() -> USER.get())).isEqualTo("alice");
            asCompleted(() -> USER.get()).each(user -> assertThat(user).isEqualTo("alice"));
        }));
    }

    @Test
    void a_task_keeps_its_values_although_the_starter_has_left_its_binding() {
        run(() -> {
            CountDownLatch left = new CountDownLatch(1);
            Task<String> task = USER.where(
                    "alice",
                    () -> createTask(() -> {
                        Polling.uninterruptibly(left);
                        return USER.get();
                    }));
            left.countDown();
            assertThat(task.await()).isEqualTo("alice");
        });
    }

    @Test
    void rebinding_in_a_task_is_seen_by_nobody_else() {
        run(() -> USER.where("alice", () -> {
            CountDownLatch rebound = new CountDownLatch(1);
            CountDownLatch looked = new CountDownLatch(1);
            Task<?> rebinding = createTask(() -> USER.where("mallory", () -> {
                rebound.countDown();
                Polling.uninterruptibly(looked);
            }));
            Polling.uninterruptibly(rebound);
            assertThat(USER.get()).isEqualTo("alice");
            assertThat(createTask(() -> USER.get()).await()).isEqualTo("alice");
            looked.countDown();
            rebinding.await();
        }));
    }

    @Test
    void a_sibling_inherits_from_the_task_that_starts_it_and_not_from_the_groups_owner() {
        String seen = USER.where(
                "owner",
                () -> TaskGroup.call(group -> group.start(() -> USER.where(
                                "starter", () -> group.start(() -> USER.get()).await()))
                        .await()));

        assertThat(seen).isEqualTo("starter");
    }

    @Test
    void values_pass_through_generations() {
        int depth = DEPTH.where(1, () -> descend(20));

        assertThat(depth).isEqualTo(21);
    }

    private static int descend(int levels) {
        return levels == 0
                ? DEPTH.get()
                : DEPTH.where(DEPTH.get() + 1, () -> gather(() -> descend(levels - 1)))
                        .getFirst();
    }

    @Test
    void values_are_visible_on_threads_that_work_for_the_task() {
        try (var executor = Executors.newSingleThreadExecutor()) {
            USER.where("alice", () -> {
                assertThat(blocking(() -> USER.get())).isEqualTo("alice");
                assertThat(runInExecutor(executor, () -> USER.get())).isEqualTo("alice");
                assertThat(Async.<String, RuntimeException>abandon(() -> USER.get()))
                        .isEqualTo("alice");
            });
            runInExecutor(executor, () -> assertThat(USER.isBound()).isFalse());
        }
    }

    @Test
    void a_scoped_value_that_was_registered_travels_and_another_does_not() {
        ScopedValue.where(TRAVELLER, "carried")
                .where(STAY_AT_HOME, "left")
                .run(() -> run(() -> {
                    assertThat(gather(() -> TRAVELLER.get())).containsExactly("carried");
                    assertThat(createTask(() -> STAY_AT_HOME.isBound()).await()).isFalse();
                    assertThat(blocking(() -> TRAVELLER.get())).isEqualTo("carried");
                    assertThat(gather(() -> gather(() -> TRAVELLER.get()).getFirst()))
                            .containsExactly("carried");
                    Task<String> rebound =
                            ScopedValue.where(TRAVELLER, "rebound").call(() -> createTask(() -> TRAVELLER.get()));
                    assertThat(rebound.await()).isEqualTo("rebound");
                }));
        assertThat(gather(() -> TRAVELLER.isBound())).containsExactly(false);
    }

    @Test
    void a_carrier_takes_along_what_a_library_binds_to_threads() {
        MDC.set("request 17");
        try {
            assertThat(gather(() -> MDC.get(), () -> blocking(() -> MDC.get()))).containsOnly("request 17");
        } finally {
            MDC.remove();
        }
        assertThat(gather(() -> MDC.get() == null)).containsExactly(true);
    }

    @Test
    void a_chain_of_tasks_that_start_their_successors_keeps_nothing_of_the_first_ones_carried_values() {
        run(() -> {
            AtomicReference<WeakReference<Object>> carried = new AtomicReference<>();
            CountDownLatch collected = new CountDownLatch(1);
            CountDownLatch third = new CountDownLatch(1);
            createTask(() -> {
                Object first = new Object();
                carried.set(new WeakReference<>(first));
                MDC.set(first);
                createTask(() -> {
                    MDC.set("of the second");
                    createTask(() -> {
                        third.countDown();
                        Polling.uninterruptibly(collected);
                    });
                });
            });
            Polling.uninterruptibly(third);
            Polling.untilCollected(carried.get());
            collected.countDown();
            Polling.until("all have ended", () -> Polling.ownedTasks().isEmpty());
        });
    }

    @Test
    void null_is_no_value() {
        assertThatThrownBy(() -> USER.where(null, () -> 1)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> ContextVar.create(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> ContextVar.withDefault("user", null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> ContextVar.travel(null)).isInstanceOf(NullPointerException.class);
    }

    @Test
    void a_scoped_value_that_is_registered_twice_travels_once() {
        ContextVar.travel(TRAVELLER);
        long restores = ScopedValue.where(TRAVELLER, "carried")
                .call(() -> gather(ContextVarTest::restoresAround).getFirst());

        assertThat(restores).isEqualTo(1);
    }

    private static long restoresAround() {
        return StackWalker.getInstance()
                .walk(frames -> frames.filter(frame -> frame.getClassName().endsWith("ScopedValueCarrier")
                                && frame.getMethodName().equals("restore"))
                        .count());
    }
}
