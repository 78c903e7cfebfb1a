package dev.yibu.testkit;

import java.util.Arrays;
import java.util.stream.IntStream;

/** The choices of a run, in their order. Immutable. As text, with dots in between, and {@code 0x12} for twelve zeros. */
final class Choices {
    static final Choices NONE = new Choices(new int[0]);

    private final int[] choices;

    private Choices(int[] choices) {
        this.choices = choices;
    }

    static Choices of(int[] choices, int count) {
        return new Choices(Arrays.copyOf(choices, count));
    }

    static Choices parse(String text) {
        return new Choices(Arrays.stream(text.split("\\."))
                .filter(part -> !part.isEmpty())
                .flatMapToInt(Choices::run)
                .toArray());
    }

    private static IntStream run(String part) {
        int cross = part.indexOf('x');
        int choice = Integer.parseInt(cross < 0 ? part : part.substring(0, cross));
        int times = cross < 0 ? 1 : Integer.parseInt(part.substring(cross + 1));
        return IntStream.generate(() -> choice).limit(times);
    }

    int size() {
        return choices.length;
    }

    int get(int index) {
        return choices[index];
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Choices that && Arrays.equals(choices, that.choices);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(choices);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < choices.length; ) {
            int end = i;
            while (end < choices.length && choices[end] == choices[i]) {
                end++;
            }
            text.append(i == 0 ? "" : ".").append(choices[i]).append(end - i == 1 ? "" : "x" + (end - i));
            i = end;
        }
        return text.toString();
    }
}
