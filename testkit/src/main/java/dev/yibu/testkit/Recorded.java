package dev.yibu.testkit;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Choices that were made before; behind their end, first come, first served. */
final class Recorded implements Schedule {
    private final Choices choices;
    private final boolean mayDiffer;
    private int step;

    /**
     * @param choices the choices
     * @param mayDiffer whether the program may do something else than it did then, because it is cancelled somewhere
     */
    Recorded(Choices choices, boolean mayDiffer) {
        this.choices = choices;
        this.mayDiffer = mayDiffer;
    }

    @Override
    public int choose(List<Actor> candidates, @Nullable Actor current) {
        if (step < choices.size()) {
            int choice = choices.get(step++);
            if (mayDiffer) {
                return choice % candidates.size();
            }
            if (choice >= candidates.size()) {
                throw new IllegalStateException("the recorded schedule does not fit this program: choice " + step
                        + " is number " + choice + " of " + candidates.size() + "; record it again");
            }
            return choice;
        }
        return current == null ? 0 : candidates.size() - 1;
    }
}
