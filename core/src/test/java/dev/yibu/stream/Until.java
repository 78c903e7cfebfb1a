package dev.yibu.stream;

import static dev.yibu.Async.sleep;

import dev.yibu.Async;
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

    /** Until a live task with this name waits in an operation of the library. */
    static void waits(String taskName) {
        holds(() -> isWaiting(taskName));
    }

    static boolean isWaiting(String taskName) {
        return Async.allTasks().stream()
                .anyMatch(task ->
                        task.name().equals(taskName) && task.waitingFor().isPresent());
    }
}
