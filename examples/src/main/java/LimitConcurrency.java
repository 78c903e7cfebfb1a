// Limiting concurrency
// mapConcurrent has at most so many workers, each of which takes one item at a time. The results keep the items' order.

import static dev.yibu.Async.*;

// @start region=tour
final AtomicInteger open = new AtomicInteger();
final AtomicInteger most = new AtomicInteger();

String fetch(int page) {
    most.accumulateAndGet(open.incrementAndGet(), Math::max);
    sleep(Duration.ofMillis(100));
    open.decrementAndGet();
    return "page " + page;
}

void main() {
    List<Integer> pages = List.of(1, 2, 3, 4, 5, 6, 7, 8, 9);
    IO.println(run(() -> mapConcurrent(pages, 3, this::fetch)));
    IO.println("more than 3 at a time: " + (most.get() > 3));
}
// @end

void oneAfterTheOther() {
    for (int page = 1; page <= 9; page++) {
        IO.println(fetch(page));
    }
}

// Output:
// [page 1, page 2, page 3, page 4, page 5, page 6, page 7, page 8, page 9]
// more than 3 at a time: false
