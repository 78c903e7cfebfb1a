package dev.yibu.benchmarks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How often the competitors of an experiment take turns.
 *
 * @param warmup rounds before those that count; null: as the experiment says
 * @param rounds rounds that count; null: as the experiment says
 * @param quick few rounds of each, and no further one when a few seconds are over
 */
record Pace(@Nullable Integer warmup, @Nullable Integer rounds, boolean quick) {
    private static final int QUICK_ROUNDS = 9;
    private static final int FEWEST = 5;
    private static final int FEWEST_OF_LONG = 2;
    private static final Duration WARM = Duration.ofSeconds(1);
    private static final Duration ENOUGH = Duration.ofSeconds(4);
    private static final Duration LONG = Duration.ofSeconds(16);

    int warmup(int usual) {
        return warmup != null ? warmup : usual;
    }

    int rounds(int usual) {
        return rounds != null ? rounds : quick ? Math.min(usual, QUICK_ROUNDS) : usual;
    }

    /** Whether so many turns of one competitor for warming up, which have taken so long, are enough. */
    boolean isWarm(int turns, long nanos) {
        return quick && warmup == null && turns > 0 && nanos > WARM.toNanos();
    }

    /** Whether so many rounds that count, which have taken so long, are enough. */
    boolean isOver(int measured, long nanos) {
        return quick
                && rounds == null
                && (measured >= FEWEST && nanos > ENOUGH.toNanos()
                        || measured >= FEWEST_OF_LONG && nanos > LONG.toNanos());
    }

    /** As arguments of {@link Compare}. */
    List<String> arguments() {
        List<String> arguments = new ArrayList<>();
        if (warmup != null) {
            arguments.addAll(List.of("--warmup", warmup.toString()));
        }
        if (rounds != null) {
            arguments.addAll(List.of("--rounds", rounds.toString()));
        }
        if (quick) {
            arguments.add("--quick");
        }
        return arguments;
    }
}
