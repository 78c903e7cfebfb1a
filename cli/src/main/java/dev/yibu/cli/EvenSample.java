package dev.yibu.cli;

import java.util.ArrayList;
import java.util.List;

/** Keeps some of many things, evenly spread over all of them, however many there are. */
final class EvenSample<T> {
    private final int most;
    private final List<T> kept = new ArrayList<>();
    private long seen;
    private long stride = 1;

    /** A sample of {@code most} things at most, and half as many at least. */
    EvenSample(int most) {
        this.most = most;
    }

    void add(T thing) {
        if (seen++ % stride != 0) {
            return;
        }
        if (kept.size() == most) {
            List<T> half = new ArrayList<>(most / 2 + 1);
            for (int i = 0; i < most; i += 2) {
                half.add(kept.get(i));
            }
            kept.clear();
            kept.addAll(half);
            stride *= 2;
            if ((seen - 1) % stride != 0) {
                return;
            }
        }
        kept.add(thing);
    }

    List<T> all() {
        return kept;
    }

    /** So many of them at most, evenly spread. */
    List<T> some(int number) {
        int size = Math.min(number, kept.size());
        List<T> some = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            some.add(kept.get((int) ((long) i * kept.size() / size)));
        }
        return some;
    }
}
