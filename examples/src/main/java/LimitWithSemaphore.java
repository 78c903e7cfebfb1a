// Semaphore: so many at a time
// For limits that several kinds of work share. Tasks queue in the order of their arrival; a permit is given back at the
// end of the block, also when it is left by an exception or a cancellation.

import static dev.yibu.Async.*;

import dev.yibu.sync.Semaphore;

// @start region=tour
final Semaphore lines = Semaphore.bounded(3, "lines");

String call(int customer) {
    try (var _ = lines.hold()) {
        sleep(Duration.ofMillis(100));
        return "customer " + customer;
    }
}

void main() {
    List<Integer> customers = List.of(1, 2, 3, 4, 5, 6, 7, 8, 9);
    IO.println(run(() -> gather(customers, this::call)));
    IO.println("free lines: " + lines.statistics().available());
}
// @end

void oneAfterTheOther() {
    for (int customer = 1; customer <= 9; customer++) {
        IO.println(call(customer));
    }
}

// Output:
// [customer 1, customer 2, customer 3, customer 4, customer 5, customer 6, customer 7, customer 8, customer 9]
// free lines: 3
