package dev.yibu.testkit;

import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** All candidates are alike, at each step. */
final class RandomWalk implements Schedule {
    private final SplittableRandom random;

    RandomWalk(long seed) {
        this.random = new SplittableRandom(seed);
    }

    @Override
    public int choose(List<Actor> candidates, @Nullable Actor current) {
        return random.nextInt(candidates.size());
    }
}
