package dev.yibu.benchmarks;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.yibu.benchmarks.Experiment.Absent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * What an experiment has shown: every round's figure of each competitor. As JSON it is what the results folder keeps; its
 * README tells of the fields.
 *
 * @param suite what it belongs to
 * @param competitors Yibu is the last
 */
record Result(
        String suite,
        String experiment,
        Measure measure,
        String unit,
        List<Row> competitors,
        List<Absent> absent,
        List<Target> targets) {

    /**
     * The figures of a competitor, round by round; without those that are not known.
     *
     * @param values of what the experiment measures
     * @param cpuNanos processor time of the process, for a unit
     * @param allocatedBytes for a unit
     * @param peakBytes the most heap in use during the turn, or the memory of a process of its own
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Row(
            String name,
            List<Double> values,
            @Nullable List<Double> cpuNanos,
            @Nullable List<Double> allocatedBytes,
            @Nullable List<Double> peakBytes) {

        double median() {
            return Result.median(values);
        }

        double least() {
            return sorted(values)[0];
        }

        double most() {
            return sorted(values)[values.size() - 1];
        }
    }

    static Result of(String suite, Experiment experiment, List<List<Cost>> costs) {
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < costs.size(); i++) {
            List<Cost> own = costs.get(i);
            String name = experiment.competitors().get(i).name();
            rows.add(
                    experiment.measure() == Measure.TIME
                            ? new Row(
                                    name,
                                    own.stream().map(Cost::nanos).toList(),
                                    known(own, Cost::cpuNanos),
                                    known(own, Cost::bytes),
                                    known(own, Cost::peakBytes))
                            : new Row(name, own.stream().map(Cost::bytes).toList(), null, null, null));
        }
        return new Result(
                suite,
                experiment.name(),
                experiment.measure(),
                experiment.unit(),
                rows,
                experiment.absent(),
                Target.of(experiment.name()));
    }

    private static @Nullable List<Double> known(List<Cost> costs, ToDoubleFunction<Cost> part) {
        List<Double> values = costs.stream().mapToDouble(part).boxed().toList();
        return values.stream().anyMatch(value -> value.isNaN()) ? null : values;
    }

    Row yibu() {
        return competitors.getLast();
    }

    /** Yibu divided by another, within each round, in ascending order. */
    double[] ratios(Row other) {
        double[] ratios = new double[other.values.size()];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = yibu().values.get(i) / other.values.get(i);
        }
        Arrays.sort(ratios);
        return ratios;
    }

    /** Where Yibu stands against a target's competitor; empty if that one is absent. */
    Optional<Double> standing(Target target) {
        return competitors.stream()
                .filter(row -> row.name.equals(target.against()))
                .findFirst()
                .map(row -> median(ratios(row)));
    }

    /** Whether Yibu has reached a target, in words. */
    String verdict(Target target) {
        return standing(target)
                .map(ratio -> ratio <= target.atMost() ? "reached" : "not reached")
                .orElse("not measured");
    }

    static double median(List<Double> values) {
        return median(sorted(values));
    }

    static double median(double[] sorted) {
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    static double mean(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    }

    private static double[] sorted(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    }
}
