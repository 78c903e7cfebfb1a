package dev.yibu.benchmarks;

import dev.yibu.benchmarks.Experiment.Competitor;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** The costs of an experiment as a Markdown table. */
final class Table {
    private Table() {}

    static void print(PrintStream out, Experiment experiment, List<List<Cost>> costs) {
        out.printf("%n### %s: time a %s%n%n", experiment.name(), experiment.unit());
        out.println("| | median | min–max | Yibu ÷ it | CPU | Yibu ÷ it, CPU | allocated |");
        out.println("| --- | --- | --- | --- | --- | --- | --- |");
        List<Cost> yibu = costs.getLast();
        for (int i = 0; i < costs.size(); i++) {
            Competitor competitor = experiment.competitors().get(i);
            List<Cost> own = costs.get(i);
            double[] nanos = sorted(own, Cost::nanos);
            out.printf(
                    "| %s | %s | %s–%s | %s | %s | %s | %s |%n",
                    competitor.name(),
                    time(median(nanos)),
                    time(nanos[0]),
                    time(nanos[nanos.length - 1]),
                    own == yibu ? "" : ratio(yibu, own),
                    isKnown(own) ? time(mean(own)) : "",
                    own == yibu || !isKnown(own) ? "" : String.format(Locale.ROOT, "%.2f", mean(yibu) / mean(own)),
                    isKnown(own) ? bytes(median(sorted(own, Cost::bytes))) : "");
        }
    }

    /** Of another process only the time is known. */
    private static boolean isKnown(List<Cost> costs) {
        return costs.stream().noneMatch(cost -> Double.isNaN(cost.bytes()));
    }

    /** The median of the ratios within each round, and between which bounds the middle half of them lies. */
    private static String ratio(List<Cost> yibu, List<Cost> other) {
        double[] ratios = new double[yibu.size()];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = yibu.get(i).nanos() / other.get(i).nanos();
        }
        Arrays.sort(ratios);
        int quarter = ratios.length / 4;
        return String.format(
                Locale.ROOT, "%.2f (%.2f–%.2f)", median(ratios), ratios[quarter], ratios[ratios.length - 1 - quarter]);
    }

    /** The processor time counts in steps of 10 ms, which a median would show. */
    private static double mean(List<Cost> costs) {
        return costs.stream().mapToDouble(Cost::cpuNanos).average().orElseThrow();
    }

    private static double[] sorted(List<Cost> costs, ToDoubleFunction<Cost> part) {
        return costs.stream().mapToDouble(part).sorted().toArray();
    }

    private static double median(double[] sorted) {
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private static String time(double nanos) {
        if (nanos < 10_000) {
            return String.format(Locale.ROOT, "%.0f ns", nanos);
        }
        if (nanos < 10_000_000) {
            return String.format(Locale.ROOT, "%.1f µs", nanos / 1e3);
        }
        return String.format(Locale.ROOT, "%.2f s", nanos / 1e9);
    }

    private static String bytes(double bytes) {
        return bytes < 10_000
                ? String.format(Locale.ROOT, "%.0f B", bytes)
                : String.format(Locale.ROOT, "%.0f MB", bytes / 1e6);
    }
}
