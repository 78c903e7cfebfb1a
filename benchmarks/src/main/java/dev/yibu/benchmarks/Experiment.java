package dev.yibu.benchmarks;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Competitors that do the same work. They take turns, A B C A B C, so that what disturbs the machine for a while disturbs
 * all of them. Whoever has run it closes it.
 *
 * @param unit what the costs are given for, such as "task"
 * @param competitors Yibu is the last
 * @param absent who would compete, were it there
 * @param resources what the competitors need, such as processes
 */
record Experiment(
        String name,
        Measure measure,
        String unit,
        int warmup,
        int rounds,
        List<Competitor> competitors,
        List<Absent> absent,
        List<Closeable> resources)
        implements Closeable {

    /** One that takes the machine for as long as it likes, and only that. */
    Experiment(String name, String unit, int warmup, int rounds, List<Competitor> competitors) {
        this(name, Measure.TIME, unit, warmup, rounds, competitors, List.of(), List.of());
    }

    record Competitor(String name, Turn turn) {}

    /** A competitor that is not there, and why. */
    record Absent(String name, String reason) {}

    /** Does the work once or many times, and says what a unit of it took. */
    interface Turn {
        Cost take() throws Exception;
    }

    /** Is told before each round: its number from 1 on, those for warming up included. */
    interface Listener {
        void round(int number);
    }

    /** The same with the processes of peers in front of Yibu, and with those that are absent. */
    Experiment with(Peers peers) {
        List<Competitor> all = new ArrayList<>(competitors.subList(0, competitors.size() - 1));
        all.addAll(peers.competitors());
        all.add(competitors.getLast());
        return new Experiment(name, measure, unit, warmup, rounds, all, peers.absent(), List.of(peers));
    }

    /** The same with resources. */
    Experiment with(List<Closeable> others) {
        List<Closeable> all = new ArrayList<>(resources);
        all.addAll(others);
        return new Experiment(name, measure, unit, warmup, rounds, competitors, absent, all);
    }

    /** The costs of each competitor, round by round. */
    List<List<Cost>> run(Pace pace, Listener listener) throws Exception {
        int warm = warmUp(pace, listener);
        List<List<Cost>> costs = new ArrayList<>();
        competitors.forEach(_ -> costs.add(new ArrayList<>()));
        long start = System.nanoTime();
        for (int i = 0; i < pace.rounds(rounds) && !pace.isOver(i, System.nanoTime() - start); i++) {
            listener.round(warm + i + 1);
            for (int j = 0; j < competitors.size(); j++) {
                System.gc(); // nobody pays for another's garbage
                costs.get(j).add(competitors.get(j).turn().take());
            }
        }
        return costs;
    }

    /** Returns how many rounds it took. Those whose turns are long are warm sooner. */
    private int warmUp(Pace pace, Listener listener) throws Exception {
        long[] nanos = new long[competitors.size()];
        for (int i = 0; i < pace.warmup(warmup); i++) {
            int turns = i;
            int[] cold = IntStream.range(0, nanos.length)
                    .filter(j -> !pace.isWarm(turns, nanos[j]))
                    .toArray();
            if (cold.length == 0) {
                return turns;
            }
            listener.round(turns + 1);
            for (int j : cold) {
                long start = System.nanoTime();
                competitors.get(j).turn().take();
                nanos[j] += System.nanoTime() - start;
            }
        }
        return pace.warmup(warmup);
    }

    @Override
    public void close() throws IOException {
        for (Closeable resource : resources) {
            resource.close();
        }
    }
}
