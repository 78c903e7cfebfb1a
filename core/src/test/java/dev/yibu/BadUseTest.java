package dev.yibu;

import static dev.yibu.Async.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/** Bad input is refused before anything runs, with a message that says what to do. */
@Timeout(value = 40, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BadUseTest {
    private static final Duration SOME = Duration.ofHours(1);
    private static final Duration NEGATIVE = Duration.ofNanos(-1);
    private static final List<Integer> ITEMS = List.of(1);
    private static final Executor EXECUTOR = Runnable::run;
    private static final Coroutine<Integer, RuntimeException> COROUTINE = () -> 1;
    private static final Action<RuntimeException> ACTION = () -> {};
    private static final AsyncFunction<Integer, Integer, RuntimeException> FUNCTION = x -> x;
    private static final Coroutine<Integer, RuntimeException> NO_COROUTINE = null;
    private static final Action<RuntimeException> NO_ACTION = null;
    private static final Iterable<Integer> NO_ITEMS = null;
    private static final AsyncFunction<Integer, Integer, RuntimeException> NO_FUNCTION = null;
    private static final AsyncConsumer<Integer, RuntimeException> NO_CONSUMER = null;

    /** A call with a null argument, as a test of its own. */
    private static DynamicTest refused(String call, ThrowingCallable body) {
        return dynamicTest(
                call,
                () -> assertThatThrownBy(body)
                        .isInstanceOf(NullPointerException.class)
                        .hasMessageMatching("(?s).+"));
    }

    private static void inRun(Action<Exception> action) throws Exception {
        run(action);
    }

    @TestFactory
    Stream<DynamicTest> null_arguments_of_run_and_tasks() {
        return Stream.of(
                refused("run(coroutine)", () -> run(NO_COROUTINE)),
                refused("run(action)", () -> run(NO_ACTION)),
                refused("run(null, ...)", () -> run(null, COROUTINE)),
                refused("run(null, action)", () -> run(null, ACTION)),
                refused("createTask(coroutine)", () -> inRun(() -> createTask(NO_COROUTINE))),
                refused("createTask(action)", () -> inRun(() -> createTask(NO_ACTION))),
                refused("createTask(null name)", () -> inRun(() -> createTask(null, COROUTINE))),
                refused("createTask(null name, action)", () -> inRun(() -> createTask(null, ACTION))),
                refused("createTask(name, coroutine)", () -> inRun(() -> createTask("name", NO_COROUTINE))),
                refused("TaskGroup.run", () -> TaskGroup.run(null)),
                refused("TaskGroup.run(options)", () -> TaskGroup.run(null, _ -> {})),
                refused("TaskGroup.call", () -> TaskGroup.call(null)),
                refused("TaskGroup.call(options)", () -> TaskGroup.call(null, _ -> 1)),
                refused("start(coroutine)", () -> TaskGroup.run(group -> group.start(NO_COROUTINE))),
                refused("start(action)", () -> TaskGroup.run(group -> group.start(NO_ACTION))),
                refused("start(null name)", () -> TaskGroup.run(group -> group.start(null, COROUTINE))),
                refused("start(name, action)", () -> TaskGroup.run(group -> group.start("name", NO_ACTION))),
                refused("cancel(null)", () -> TaskGroup.run(group -> group.cancel(null))),
                refused("task.cancel(null)", () -> gather(() -> currentTask().cancel((String) null))),
                refused("task.await(null)", () -> gather(() -> currentTask().await(null))),
                refused(
                        "task.onCompletion(null)",
                        () -> gather(() -> currentTask().onCompletion(null))),
                refused(
                        "task.get(1, null)",
                        () -> inRun(() -> createTask(ACTION).get(1, null))),
                refused("portal.submit", () -> inRun(() -> portal().submit(NO_COROUTINE))),
                refused("portal.submit(action)", () -> inRun(() -> portal().submit(NO_ACTION))),
                refused("portal.call", () -> inRun(() -> portal().call(NO_COROUTINE))),
                refused("withName", () -> RunOptions.defaults().withName(null)),
                refused("withDeadline", () -> RunOptions.defaults().withDeadline(null)),
                refused("withGrace", () -> RunOptions.defaults().withGrace(null)),
                refused("named", () -> GroupOptions.named(null)));
    }

    @TestFactory
    @SuppressWarnings("unchecked")
    Stream<DynamicTest> null_arguments_of_combinators() {
        return Stream.of(
                refused("gather(null coroutine)", () -> gather(COROUTINE, NO_COROUTINE)),
                refused("gather(null action)", () -> gather(ACTION, NO_ACTION)),
                refused("gather(no array)", () -> gather((Coroutine<Integer, RuntimeException>[]) null)),
                refused("gather(no array of actions)", () -> gather((Action<RuntimeException>[]) null)),
                refused("gather(null items)", () -> gather(NO_ITEMS, FUNCTION)),
                refused("gather(items, null)", () -> gather(ITEMS, NO_FUNCTION)),
                refused("gather(null, b, f)", () -> gather(NO_COROUTINE, COROUTINE, (a, b) -> a)),
                refused("gather(a, null, f)", () -> gather(COROUTINE, NO_COROUTINE, (a, b) -> a)),
                refused("gather(a, b, null)", () -> gather(COROUTINE, COROUTINE, null)),
                refused("forEach(null, f)", () -> forEach(NO_ITEMS, _ -> {})),
                refused("forEach(items, null)", () -> forEach(ITEMS, NO_CONSUMER)),
                refused("gatherOutcomes(null coroutine)", () -> gatherOutcomes(COROUTINE, NO_COROUTINE)),
                refused("gatherOutcomes(null items)", () -> gatherOutcomes(NO_ITEMS, FUNCTION)),
                refused("gatherOutcomes(items, null)", () -> gatherOutcomes(ITEMS, NO_FUNCTION)),
                refused("race(null coroutine)", () -> race(COROUTINE, NO_COROUTINE)),
                refused("race(null items)", () -> race(NO_ITEMS, FUNCTION)),
                refused("race(items, null)", () -> race(ITEMS, NO_FUNCTION)),
                refused("race(items, f, null)", () -> race(ITEMS, FUNCTION, null)),
                refused("asCompleted(null coroutine)", () -> inRun(() -> asCompleted(COROUTINE, NO_COROUTINE))),
                refused("asCompleted(null items)", () -> inRun(() -> asCompleted(NO_ITEMS, FUNCTION))),
                refused("asCompleted(items, null)", () -> inRun(() -> asCompleted(ITEMS, NO_FUNCTION))),
                refused("asCompleted(items, 1, null)", () -> inRun(() -> asCompleted(ITEMS, 1, NO_FUNCTION))),
                refused("asCompletedOutcomes(null)", () -> inRun(() -> asCompletedOutcomes(NO_COROUTINE))),
                refused("asCompletedOutcomes(null items)", () -> inRun(() -> asCompletedOutcomes(NO_ITEMS, FUNCTION))),
                refused("each(null)", () -> inRun(() -> asCompleted(COROUTINE).each(null))),
                refused("mapConcurrent(null items)", () -> mapConcurrent(NO_ITEMS, 1, FUNCTION)),
                refused("mapConcurrent(items, 1, null)", () -> mapConcurrent(ITEMS, 1, NO_FUNCTION)),
                refused("forEachConcurrent(null items)", () -> forEachConcurrent(NO_ITEMS, 1, _ -> {})),
                refused("forEachConcurrent(items, 1, null)", () -> forEachConcurrent(ITEMS, 1, NO_CONSUMER)));
    }

    @TestFactory
    Stream<DynamicTest> null_arguments_of_other_threads() {
        return Stream.of(
                refused("blocking(coroutine)", () -> blocking(NO_COROUTINE)),
                refused("blocking(action)", () -> blocking(NO_ACTION)),
                refused("runInExecutor(null, ...)", () -> runInExecutor(null, COROUTINE)),
                refused("runInExecutor(executor, coroutine)", () -> runInExecutor(EXECUTOR, NO_COROUTINE)),
                refused("runInExecutor(executor, action)", () -> runInExecutor(EXECUTOR, NO_ACTION)),
                refused("abandon(null)", () -> abandon(NO_COROUTINE)),
                refused("abandon(null, f)", () -> abandon(NO_COROUTINE, _ -> {})),
                refused("abandon(coroutine, null)", () -> abandon(COROUTINE, null)));
    }

    @TestFactory
    Stream<DynamicTest> null_arguments_of_time_and_resources() {
        return Stream.of(
                refused("sleep(null)", () -> sleep(null)),
                refused("timeout(null, ...)", () -> timeout(null, COROUTINE)),
                refused("timeout(d, null)", () -> timeout(SOME, NO_COROUTINE)),
                refused("timeout(d, null action)", () -> timeout(SOME, NO_ACTION)),
                refused("timeoutAt(null, ...)", () -> timeoutAt(null, COROUTINE)),
                refused("moveOnAfter(null, ...)", () -> moveOnAfter(null, ACTION)),
                refused("moveOnAfter(d, null)", () -> moveOnAfter(SOME, NO_ACTION)),
                refused("moveOnAfter(d, null, x)", () -> moveOnAfter(SOME, NO_COROUTINE, 1)),
                refused("shield(null, ...)", () -> shield(null, COROUTINE)),
                refused("shield(d, null)", () -> shield(SOME, NO_COROUTINE)),
                refused("using(null, ...)", () -> using(null, (Integer _) -> {}, x -> x)),
                refused("using(a, null, b)", () -> using(COROUTINE, null, x -> x)),
                refused("using(a, r, null)", () -> using(COROUTINE, _ -> {}, NO_FUNCTION)),
                refused("usingRun(a, r, null)", () -> usingRun(COROUTINE, _ -> {}, NO_CONSUMER)),
                refused("reschedule(null)", () -> timeout(SOME, () -> deadline().reschedule(null))));
    }

    @Test
    void negative_durations_are_refused() {
        assertThatThrownBy(() -> sleep(NEGATIVE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("negative")
                .hasMessageContaining(NEGATIVE.toString());
        assertThatThrownBy(() -> shield(NEGATIVE, COROUTINE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("negative");
        assertThatThrownBy(() -> shield(NEGATIVE, ACTION)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> RunOptions.defaults().withGrace(NEGATIVE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("negative");
    }

    @Test
    void a_negative_timeout_is_no_bad_use_but_no_time() {
        assertThatThrownBy(() -> timeout(NEGATIVE, COROUTINE)).isInstanceOf(TimeoutException.class);
        assertThatThrownBy(() -> run(RunOptions.defaults().withDeadline(NEGATIVE), COROUTINE))
                .isInstanceOf(TimeoutException.class);
        assertThat(moveOnAfter(NEGATIVE, COROUTINE, 7)).isEqualTo(7);
    }

    @Test
    void what_needs_a_run_says_so_outside() {
        for (ThrowingCallable call : List.<ThrowingCallable>of(
                () -> createTask(COROUTINE),
                () -> createTask(ACTION),
                () -> createTask("name", COROUTINE),
                () -> createTask("name", ACTION),
                Async::portal,
                Async::currentTask,
                () -> asCompleted(COROUTINE),
                () -> asCompletedOutcomes(COROUTINE))) {
            assertThatThrownBy(call).isInstanceOf(IllegalStateException.class).hasMessageContaining("run(...)");
        }
    }

    @Test
    void a_group_does_not_start_what_is_refused() {
        TaskGroup.run(group -> {
            assertThatThrownBy(() -> group.start(NO_COROUTINE)).isInstanceOf(NullPointerException.class);
            assertThat(group.tasks()).isEmpty();
        });
    }
}
