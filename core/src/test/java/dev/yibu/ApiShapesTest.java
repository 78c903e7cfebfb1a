package dev.yibu;

import static dev.yibu.Async.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The compiler infers, without a hint, what callers write: that this file compiles is most of the test. A method that
 * declares {@code IOException} has it from the library's signatures, and one that declares nothing needs nothing.
 */
@Timeout(value = 40, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ApiShapesTest {
    private static final Duration LONG = Duration.ofHours(1);

    private final List<String> saved = new CopyOnWriteArrayList<>();

    private static String io(String url) throws IOException {
        if (url.isEmpty()) {
            throw new IOException("no url");
        }
        return url;
    }

    private void save(String url) throws IOException {
        saved.add(io(url));
    }

    private static int pure(String url) {
        return url.length();
    }

    private void quiet() {
        saved.add("quiet");
    }

    @Test
    void a_checked_exception_comes_through_run_timeout_and_shield() throws IOException {
        String value = run(() -> timeout(LONG, () -> shield(LONG, () -> io("a"))));
        run(() -> timeoutAt(Instant.MAX, () -> save("b")));
        boolean finished = moveOnAfter(LONG, () -> save("c"));
        String moved = moveOnAfter(LONG, () -> io("d"), "fallback");

        assertThat(value).isEqualTo("a");
        assertThat(saved).containsExactly("b", "c");
        assertThat(finished).isTrue();
        assertThat(moved).isEqualTo("d");
    }

    @Test
    void a_checked_exception_of_a_started_task_comes_out_of_its_group() throws IOException {
        TaskGroup.run(group -> {
            group.start(() -> io("a"));
            group.start("named", () -> save("b"));
        });
        String value = TaskGroup.call(group -> {
            Task<String> task = group.start(() -> io("c"));
            return task.await();
        });

        assertThat(saved).containsExactly("b");
        assertThat(value).isEqualTo("c");
        assertThatThrownBy(() -> TaskGroup.run(group -> group.start(() -> io(""))))
                .isInstanceOf(IOException.class);
    }

    @Test
    void a_checked_exception_of_a_background_task_comes_out_of_run() throws IOException {
        String value = run(() -> {
            Task<String> named = createTask("named", () -> io("a"));
            Task<?> saving = createTask(() -> save("b"));
            saving.await();
            return named.await(IOException.class);
        });

        assertThat(value).isEqualTo("a");
        assertThat(saved).containsExactly("b");
    }

    @Test
    void gather_tells_values_from_actions_and_both_from_items() throws IOException {
        List<String> values = gather(() -> io("a"), () -> io("b"));
        gather(() -> save("a"), () -> save("b"));
        List<String> mapped = gather(List.of("c", "d"), ApiShapesTest::io);
        String both = gather(() -> io("e"), () -> pure("bb"), (x, y) -> x + y);
        List<Object> none = gather();
        forEach(List.of("f"), this::save);
        forEach(List.of("g"), url -> save(url));
        List<Outcome<String>> outcomes = gatherOutcomes(() -> io("h"), () -> io(""));

        assertThat(values).containsExactly("a", "b");
        assertThat(saved).containsExactlyInAnyOrder("a", "b", "f", "g");
        assertThat(mapped).containsExactly("c", "d");
        assertThat(both).isEqualTo("e2");
        assertThat(none).isEmpty();
        assertThat(outcomes).extracting(Outcome::isSuccess).containsExactly(true, false);
    }

    @Test
    void gather_joins_tasks_by_their_await() throws IOException {
        List<String> values = TaskGroup.call(group -> {
            List<Task<String>> tasks = new ArrayList<>();
            for (String url : List.of("a", "b")) {
                tasks.add(group.start(() -> io(url)));
            }
            return gather(tasks, Task::await);
        });

        assertThat(values).containsExactly("a", "b");
    }

    @Test
    void results_as_they_complete_carry_the_exception_to_the_loop() throws IOException {
        run(() -> {
            for (String url : asCompleted(() -> io("a"), () -> io("b"))) {
                save(url);
            }
            for (String url : asCompleted(List.of("c"), ApiShapesTest::io)) {
                save(url);
            }
            asCompleted(List.of("d"), 1, ApiShapesTest::io).each(this::save);
            for (Outcome<String> outcome : asCompletedOutcomes(() -> io("e"))) {
                save(outcome.getOrThrow());
            }
        });

        assertThat(saved).containsExactlyInAnyOrder("a", "b", "c", "d", "e");
    }

    @Test
    void race_and_the_bounded_forms_carry_it_too() throws IOException {
        String winner = race(() -> io("a"), () -> io("a"));
        String ofItems = race(List.of("b", "b"), ApiShapesTest::io, value -> saved.add(value));
        List<String> mapped = mapConcurrent(List.of("c", "d"), 2, ApiShapesTest::io);
        saved.clear();
        forEachConcurrent(List.of("e"), 1, this::save);

        assertThat(winner).isEqualTo("a");
        assertThat(ofItems).isEqualTo("b");
        assertThat(mapped).containsExactly("c", "d");
        assertThat(saved).containsExactly("e");
    }

    @Test
    void resources_and_other_threads_carry_it_too() throws IOException {
        String used = using(() -> io("a"), this::save, url -> io(url + url));
        usingRun(() -> io("b"), this::save, this::save);
        String blocked = blocking(() -> io("c"));
        blocking(() -> save("d"));
        String executed = runInExecutor(Runnable::run, () -> io("e"));
        String abandoned = abandon(() -> io("f"));
        try (ResourceStack stack = new ResourceStack()) {
            stack.acquire(() -> io("g"), this::save);
            stack.defer(() -> save("h"));
        }

        assertThat(List.of(used, blocked, executed, abandoned)).containsExactly("aa", "c", "e", "f");
        assertThat(saved).containsExactly("a", "b", "b", "d", "h", "g");
    }

    @Test
    void a_context_variable_and_a_portal_carry_it_too() throws IOException {
        ContextVar<String> variable = ContextVar.create("url");
        String bound = variable.where("a", () -> io(variable.get()));
        variable.where("b", () -> save(variable.get()));
        String submitted = run(() -> {
            try (Portal portal = portal()) {
                Task<String> task = portal.submit(() -> io("c"));
                return portal.call(() -> task.await(IOException.class));
            }
        });

        assertThat(bound).isEqualTo("a");
        assertThat(saved).containsExactly("b");
        assertThat(submitted).isEqualTo("c");
    }

    @Test
    void two_different_checked_exceptions_are_an_exception() throws Exception {
        List<String> values = gather(() -> io("a"), () -> interruptible("b"));

        assertThat(values).containsExactly("a", "b");
    }

    private static String interruptible(String url) throws InterruptedException {
        return url;
    }

    /** Declares nothing. */
    @Test
    void what_throws_nothing_checked_declares_nothing() {
        TaskGroup.run(group -> {
            group.start(() -> quiet());
            group.start(this::quiet);
        });
        TaskGroup.run(GroupOptions.supervised(), group -> group.start(() -> pure("a")));
        List<Integer> lengths = gather(List.of("a", "bb"), ApiShapesTest::pure);
        gather(() -> quiet(), () -> quiet());
        int length = run(() -> timeout(LONG, () -> pure("ccc")));
        run(() -> quiet());
        int raced = race(() -> pure("dddd"));
        forEach(List.of("a"), url -> saved.add(url));
        List<Integer> bounded = mapConcurrent(List.of("e"), 1, ApiShapesTest::pure);
        int blocked = blocking(() -> pure("ff"));
        run(() -> {
            Task<Integer> task = createTask(() -> pure("a"));
            for (int one : asCompleted(() -> pure("a"), task::await)) {
                saved.add("" + one);
            }
        });

        assertThat(lengths).containsExactly(1, 2);
        assertThat(List.of(length, raced, blocked)).containsExactly(3, 4, 2);
        assertThat(bounded).containsExactly(1);
        assertThat(saved).hasSize(8);
    }
}
