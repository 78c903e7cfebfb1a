package dev.yibu.testkit;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A schedule that can be written down: how to choose, the seed of everything random, and where to cancel. Its text is what
 * {@link Replay} takes.
 *
 * @param strategy how to choose
 * @param seed the seed of the choices and of the world's random numbers
 * @param depth of {@link Strategy#PRIORITIES}
 * @param steps of {@link Strategy#PRIORITIES}
 * @param choices of {@link Strategy#EXHAUSTIVE}
 * @param cancelAt the crossing of the waist at which to cancel the test, or 0
 */
record Replayable(Strategy strategy, long seed, int depth, long steps, Choices choices, long cancelAt) {
    private static final Pattern TEXT = Pattern.compile(
            "(in-order|random|priorities|choices)/(-?\\d+)(?:/(\\d+)/(\\d+))?(?:/([\\d.x]*))?(?:@(\\d+))?");

    static Replayable inOrder(long seed) {
        return new Replayable(Strategy.IN_ORDER, seed, 0, 0, Choices.NONE, 0);
    }

    static Replayable random(long seed) {
        return new Replayable(Strategy.RANDOM, seed, 0, 0, Choices.NONE, 0);
    }

    static Replayable priorities(long seed, int depth, long steps) {
        return new Replayable(Strategy.PRIORITIES, seed, depth, steps, Choices.NONE, 0);
    }

    static Replayable choices(long seed, Choices choices) {
        return new Replayable(Strategy.EXHAUSTIVE, seed, 0, 0, choices, 0);
    }

    Replayable cancelledAt(long crossing) {
        return new Replayable(strategy, seed, depth, steps, choices, crossing);
    }

    Schedule schedule() {
        return switch (strategy) {
            case IN_ORDER -> new Fifo();
            case RANDOM -> new RandomWalk(seed);
            case PRIORITIES -> new Priorities(seed, depth, steps);
            case EXHAUSTIVE -> new Recorded(choices, cancelAt > 0);
        };
    }

    static Replayable parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("\"" + text
                    + "\" is no schedule; copy the text of @Replay(\"...\") from the message of a failed exploration");
        }
        long seed = Long.parseLong(matcher.group(2));
        Replayable schedule = switch (matcher.group(1)) {
            case "in-order" -> inOrder(seed);
            case "random" -> random(seed);
            case "priorities" -> {
                if (matcher.group(3) == null) {
                    throw new IllegalArgumentException(
                            "\"" + text + "\" lacks depth and steps, as in priorities/17/3/250");
                }
                yield priorities(seed, Integer.parseInt(matcher.group(3)), Long.parseLong(matcher.group(4)));
            }
            default -> choices(seed, Choices.parse(matcher.group(5) == null ? "" : matcher.group(5)));
        };
        return matcher.group(6) == null ? schedule : schedule.cancelledAt(Long.parseLong(matcher.group(6)));
    }

    @Override
    public String toString() {
        String how = switch (strategy) {
            case IN_ORDER -> "in-order/" + seed;
            case RANDOM -> "random/" + seed;
            case PRIORITIES -> "priorities/" + seed + "/" + depth + "/" + steps;
            case EXHAUSTIVE -> "choices/" + seed + "/" + choices;
        };
        return cancelAt == 0 ? how : how + "@" + cancelAt;
    }
}
