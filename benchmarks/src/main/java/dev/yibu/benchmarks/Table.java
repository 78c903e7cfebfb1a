package dev.yibu.benchmarks;

import dev.yibu.benchmarks.Result.Row;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A result as a Markdown table, with who is absent and which targets are reached below it. */
final class Table {
    private Table() {}

    static String of(Result result) {
        StringBuilder text = new StringBuilder();
        text.append("### %s: %s per %s%n%n"
                .formatted(result.experiment(), result.measure().title(), result.unit()));
        text.append("| | median | min–max | Yibu ÷ it | CPU | Yibu ÷ it, CPU | allocated | peak memory |\n");
        text.append("| --- | --- | --- | --- | --- | --- | --- | --- |\n");
        for (Row row : result.competitors()) {
            text.append(line(result, row));
        }
        List<String> notes = notes(result);
        if (!notes.isEmpty()) {
            text.append('\n');
            notes.forEach(note -> text.append("- ").append(note).append('\n'));
        }
        return text.toString();
    }

    private static String line(Result result, Row row) {
        Measure measure = result.measure();
        Row yibu = result.yibu();
        return "| %s | %s | %s–%s | %s | %s | %s | %s | %s |%n"
                .formatted(
                        row.name(),
                        measure.text(row.median()),
                        measure.text(row.least()),
                        measure.text(row.most()),
                        row == yibu ? "" : ratio(result.ratios(row)),
                        known(row.cpuNanos(), cpu -> Measure.TIME.text(Result.mean(cpu))),
                        row == yibu ? "" : cpuRatio(yibu, row),
                        known(row.allocatedBytes(), bytes -> Measure.bytes(Result.median(bytes))),
                        known(
                                row.peakBytes(),
                                bytes -> Measure.bytes(bytes.stream()
                                        .mapToDouble(Double::doubleValue)
                                        .max()
                                        .orElseThrow())));
    }

    /** A process counts its processor time in steps of up to 10 ms, which a median would show: hence the mean. */
    private static String known(@Nullable List<Double> values, Function<List<Double>, String> text) {
        return values == null ? "" : text.apply(values);
    }

    /** Empty where one is not known, or was too short for its counter. */
    private static String cpuRatio(Row yibu, Row other) {
        if (yibu.cpuNanos() == null || other.cpuNanos() == null || Result.mean(other.cpuNanos()) == 0) {
            return "";
        }
        return number(Result.mean(yibu.cpuNanos()) / Result.mean(other.cpuNanos()));
    }

    /** The median, and between which bounds the middle half lies. */
    private static String ratio(double[] ratios) {
        int quarter = ratios.length / 4;
        return "%s (%s–%s)"
                .formatted(
                        number(Result.median(ratios)),
                        number(ratios[quarter]),
                        number(ratios[ratios.length - 1 - quarter]));
    }

    private static List<String> notes(Result result) {
        return Stream.concat(
                        result.targets().stream().map(target -> target(result, target)),
                        result.absent().stream()
                                .map(absent -> "absent: %s, since %s".formatted(absent.name(), absent.reason())))
                .toList();
    }

    private static String target(Result result, Target target) {
        return "target: at most %s × %s; %s: %s"
                .formatted(
                        number(target.atMost()),
                        target.against(),
                        result.standing(target).map(Table::number).orElse("it is absent"),
                        result.verdict(target));
    }

    static String number(double ratio) {
        return String.format(Locale.ROOT, ratio < 0.1 ? "%.3f" : "%.2f", ratio);
    }
}
