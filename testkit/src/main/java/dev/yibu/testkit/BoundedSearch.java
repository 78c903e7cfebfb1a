package dev.yibu.testkit;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Every schedule of a small program in turn, depth first, with at most a given number of preemptions; after Musuvathi and
 * Qadeer, "Iterative Context Bounding for Systematic Testing of Multithreaded Programs" (PLDI 2007). To let an actor go on
 * that could, or to choose among others when it could not, is no preemption.
 */
final class BoundedSearch {
    private record Choice(int candidates, boolean canContinue, int preemptionsBefore) {}

    private final int bound;
    private final List<Choice> path = new ArrayList<>();
    private final List<Integer> ranks = new ArrayList<>();

    BoundedSearch(int bound) {
        this.bound = bound;
    }

    /** The schedule of the next run. */
    Schedule schedule() {
        return new Run();
    }

    /** Moves on to the next schedule; returns whether there is one. */
    boolean advance() {
        for (int i = path.size() - 1; i >= 0; i--) {
            Choice choice = path.get(i);
            int next = ranks.get(i) + 1;
            boolean preempts = choice.canContinue() && next > 0;
            boolean allowed = !preempts || choice.preemptionsBefore() < bound;
            if (next < choice.candidates() && allowed) {
                ranks.set(i, next);
                path.subList(i + 1, path.size()).clear();
                ranks.subList(i + 1, ranks.size()).clear();
                return true;
            }
        }
        return false;
    }

    private final class Run implements Schedule {
        private int step;
        private int preemptions;

        @Override
        public int choose(List<Actor> candidates, @Nullable Actor current) {
            boolean canContinue = current != null;
            if (step == path.size()) {
                path.add(new Choice(candidates.size(), canContinue, preemptions));
                ranks.add(0);
            } else if (path.get(step).candidates() != candidates.size()) {
                throw new IllegalStateException("the program does not behave the same under the same schedule: choice "
                        + step + " had " + path.get(step).candidates() + " candidates, and now has "
                        + candidates.size());
            }
            int rank = ranks.get(step++);
            if (!canContinue) {
                return rank;
            }
            if (rank > 0) {
                preemptions++;
            }
            return rank == 0 ? candidates.size() - 1 : rank - 1; // the current one comes last, and is tried first
        }
    }
}
