package dev.yibu;

import java.lang.ref.Reference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits of tests for a state, without sleeping; what does not come within {@link #LIMIT} fails the test. */
final class Polling {
    static final Duration LIMIT = Duration.ofSeconds(20);

    private static final Duration PAUSE = Duration.ofNanos(20_000);

    private Polling() {}

    static void until(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("not within " + LIMIT + ": " + what);
            }
            if (Thread.currentThread().isVirtual()) {
                LockSupport.parkNanos(PAUSE.toNanos()); // virtual threads that only yield keep others from starting
            } else {
                Thread.onSpinWait();
                Thread.yield();
            }
        }
    }

    /** Until a live task with this name waits in an operation of the library. */
    static void untilWaiting(String taskName) {
        until(
                taskName + " waits",
                () -> task(taskName)
                        .filter(task -> task.waitingFor().isPresent())
                        .isPresent());
    }

    /** Until a thread has begun to wait, for whatever it is. */
    static void untilWaiting(Thread thread) {
        until(thread + " waits", () -> thread.getState() == Thread.State.WAITING);
    }

    static Optional<TaskInfo> task(String name) {
        return Async.allTasks().stream()
                .filter(task -> task.name().equals(name))
                .findAny();
    }

    /** The live tasks that belong, directly or through others, to the task that runs on the calling thread. */
    static List<TaskInfo> ownedTasks() {
        Set<Long> owners = new HashSet<>();
        List<TaskInfo> owned = new ArrayList<>();
        for (TaskInfo task : Async.allTasks()) { // owners come before what they own
            if (task.thread().filter(Thread.currentThread()::equals).isPresent()) {
                owners.add(task.id());
            } else if (task.parent().isPresent()
                    && owners.contains(task.parent().getAsLong())) {
                owners.add(task.id());
                owned.add(task);
            }
        }
        return owned;
    }

    /** Until the garbage collector has taken what a reference leads to. */
    static void untilCollected(Reference<?> reference) {
        until("collected", () -> {
            System.gc();
            return reference.refersTo(null);
        });
    }

    /** Waits as foreign code does, but neither interrupts nor cancellations end it. */
    static void uninterruptibly(CountDownLatch latch) {
        until("the latch is open", () -> latch.getCount() == 0);
    }

    /** Something another thread leaves behind, once it is there. */
    static <T> T untilPresent(String what, Supplier<T> source) {
        until(what, () -> source.get() != null);
        return source.get();
    }
}
