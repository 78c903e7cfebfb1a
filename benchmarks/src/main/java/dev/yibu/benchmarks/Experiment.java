package dev.yibu.benchmarks;

import java.util.ArrayList;
import java.util.List;

/**
 * Competitors that do the same work. They take turns, A B C A B C, so that what disturbs the machine for a while disturbs
 * all of them.
 *
 * @param unit what the costs are given for, such as "task"
 * @param competitors Yibu is the last
 */
record Experiment(String name, String unit, int warmup, int rounds, List<Competitor> competitors) {

    record Competitor(String name, Turn turn) {}

    /** Does the work once or many times, and says what a unit of it took. */
    interface Turn {
        Cost take() throws Exception;
    }

    /** The costs of each competitor, round by round. */
    List<List<Cost>> run(int warmup, int rounds) throws Exception {
        List<List<Cost>> costs = new ArrayList<>();
        competitors.forEach(_ -> costs.add(new ArrayList<>()));
        for (int round = 0; round < warmup + rounds; round++) {
            for (int i = 0; i < competitors.size(); i++) {
                System.gc(); // nobody pays for another's garbage
                Cost cost = competitors.get(i).turn().take();
                if (round >= warmup) {
                    costs.get(i).add(cost);
                }
            }
        }
        return costs;
    }
}
