package dev.yibu.testkit;

import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Probabilistic concurrency testing, after Burckhardt, Kothari, Musuvathi and Nagarakatti, "A Randomized Scheduler with
 * Probabilistic Guarantees of Finding Bugs" (ASPLOS 2010). Each actor gets a random priority, the highest one runs, and at
 * {@code depth - 1} random steps whoever is running falls below all others. A bug that needs {@code depth} ordering
 * constraints among n actors is found by one run in n·k^(depth-1) at least, k being the number of steps.
 */
final class Priorities implements Schedule {
    private final SplittableRandom random;
    private final long[] changes;
    private long step;
    private int lowest;

    /**
     * @param seed the seed
     * @param depth how many ordering constraints a bug may need
     * @param steps about how many choices a run has
     */
    Priorities(long seed, int depth, long steps) {
        this.random = new SplittableRandom(seed);
        this.changes = random.longs(depth - 1L, 0, Math.max(1, steps)).toArray();
    }

    @Override
    public void created(Actor actor) {
        actor.priority = random.nextInt(1, Integer.MAX_VALUE);
    }

    @Override
    public int choose(List<Actor> candidates, @Nullable Actor current) {
        Actor last = candidates.getLast();
        if (current == null && last.state == Actor.State.RUNNING) {
            last.priority = --lowest; // it gives its turn away; else a loop that waits for another would go on for ever
        }
        int chosen = highest(candidates);
        long now = step++;
        for (long change : changes) {
            if (change == now) {
                candidates.get(chosen).priority = --lowest;
                chosen = highest(candidates);
            }
        }
        return chosen;
    }

    private static int highest(List<Actor> candidates) {
        int highest = 0;
        for (int i = 1; i < candidates.size(); i++) {
            if (candidates.get(i).priority > candidates.get(highest).priority) {
                highest = i;
            }
        }
        return highest;
    }
}
