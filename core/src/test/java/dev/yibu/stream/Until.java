package dev.yibu.stream;

import static dev.yibu.Async.sleep;
import static org.assertj.core.api.Assertions.assertThat;

import dev.yibu.Async;
import dev.yibu.Task;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Waits of tests for a state, however long it takes. */
final class Until {
    private Until() {}

    static void holds(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            sleep(Duration.ofMillis(1));
        }
    }

    /** Until a task waits in an operation of the library; it is the only live one of its name. */
    static void waits(Task<?> task) {
        holds(() -> task.isDone() || isWaiting(task.name()));
        assertThat(task.isDone()).as(task + " has ended, but should wait").isFalse();
    }

    /** Whether a live task with this name waits in an operation of the library. */
    static boolean isWaiting(String taskName) {
        return Async.allTasks().stream()
                .anyMatch(task ->
                        task.name().equals(taskName) && task.waitingFor().isPresent());
    }
}
