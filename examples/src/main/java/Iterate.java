// Iterating over what takes time
// async for is a plain for: next() may wait for each item, and the loop begins before the last one is there.

import static dev.yibu.Async.*;

// @start region=tour
int measure(int hour) {
    sleep(Duration.ofMillis(100));
    return 15 + hour;
}

Iterable<Integer> temperatures(int hours) { // measures when the loop asks
    return () -> IntStream.range(0, hours).map(this::measure).iterator();
}

void main() {
    run(() -> {
        for (int degrees : temperatures(24)) {
            IO.println(degrees + " degrees");
            if (degrees == 17) {
                break;
            }
        }
    });
}
// @end

void oneAfterTheOther() {
    IO.println(measure(0));
    IO.println(measure(1));
    IO.println(measure(2));
}

// Output:
// 15 degrees
// 16 degrees
// 17 degrees
