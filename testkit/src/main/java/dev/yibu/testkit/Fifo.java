package dev.yibu.testkit;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** First come, first served, and nobody is preempted: the plainest order, for tests that are about time. */
final class Fifo implements Schedule {
    @Override
    public int choose(List<Actor> candidates, @Nullable Actor current) {
        return current == null ? 0 : candidates.size() - 1;
    }

    @Override
    public boolean preempts() {
        return false;
    }
}
