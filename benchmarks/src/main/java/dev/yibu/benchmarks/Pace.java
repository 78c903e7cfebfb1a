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
    private static final int QUICK_WARMUP = 2;
    private static final int QUICK_ROUNDS = 9;
    private static final int FEWEST = 3;
    private static final int FEWEST_OF_LONG = 2;
    private static final Duration ENOUGH = Duration.ofSeconds(4);
    private static final Duration LONG = Duration.ofSeconds(16);

    int warmup(int usual) {
        return warmup != null ? warmup : quick ? Math.min(usual, QUICK_WARMUP) : usual;
    }

    int rounds(int usual) {
        return rounds != null ? rounds : quick ? Math.min(usual, QUICK_ROUNDS) : usual;
    }

    /** Whether it is enough after so many rounds of warming up, so long after the beginning. */
    boolean isWarm(int done, long nanos) {
        return quick && warmup == null && done > 0 && nanos > ENOUGH.toNanos();
    }

    /** Whether it is enough after so many rounds that count, so long after the beginning. */
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
