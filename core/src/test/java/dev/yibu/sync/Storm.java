package dev.yibu.sync;

import static dev.yibu.Async.run;

import dev.yibu.Action;
import dev.yibu.Cancelled;
import dev.yibu.Task;
import dev.yibu.TaskGroup;
import java.util.Random;
import java.util.concurrent.CancellationException;

/** Short tasks on real threads, some of which are cancelled at random moments. */
final class Storm {
    /** What a task does; must leave everything as it found it, however it ends. */
    interface Body {
        void run(Random random);
    }

    private Storm() {}

    /** Runs {@code body} so often in each of several tasks; each time in a task of its own, which may be cancelled. */
    static void rage(String name, int tasks, int rounds, Body body) {
        long seed = Long.getLong("yibu.seed", System.nanoTime());
        System.out.println(name + " -Dyibu.seed=" + seed);
        run(() -> TaskGroup.run(group -> {
            for (int i = 0; i < tasks; i++) {
                Random random = new Random(seed + i);
                group.start(() -> TaskGroup.run(inner -> {
                    for (int round = 0; round < rounds; round++) {
                        long seedOfRound = random.nextLong();
                        Task<?> task = inner.start(() -> body.run(new Random(seedOfRound)));
                        if (random.nextBoolean()) {
                            pause(random);
                            task.cancel();
                        }
                        join(task);
                    }
                }));
            }
        }));
    }

    private static void join(Task<?> task) {
        try {
            task.await();
        } catch (CancellationException e) {
            // as it was meant
        }
    }

    /** Lets a random time pass, mostly a very short one. */
    static void pause(Random random) {
        if (random.nextInt(4) == 0) {
            Thread.yield();
        }
        int spins = random.nextInt(1 << random.nextInt(1, 13));
        for (int i = 0; i < spins; i++) {
            Thread.onSpinWait();
        }
    }

    /** Runs it; a cancellation in it is left to the next checkpoint. */
    static void shrugging(Action<RuntimeException> action) {
        try {
            action.run();
        } catch (Cancelled e) {
            // it stays cancelled
        }
    }
}
