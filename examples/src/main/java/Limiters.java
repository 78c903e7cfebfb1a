// RateLimiter and CapacityLimiter: how often, and how many
// A rate limiter bounds how many begin in a time. A capacity limiter bounds how many are at it, knows who they are, and can
// be changed meanwhile.

import static dev.yibu.Async.*;

import dev.yibu.sync.CapacityLimiter;
import dev.yibu.sync.RateLimiter;

// @start region=tour
final RateLimiter starts = RateLimiter.of(20, Duration.ofSeconds(1), 1); // one each 50 ms
final CapacityLimiter lines = CapacityLimiter.of(2, "lines");
final AtomicInteger most = new AtomicInteger();

String call(int customer) {
    starts.acquire();
    try (var _ = lines.hold()) {
        most.accumulateAndGet(lines.statistics().bearers().size(), Math::max);
        sleep(Duration.ofMillis(100));
        return "customer " + customer;
    }
}

void main() {
    run(() -> {
        Instant begin = clock().instant();
        IO.println(gather(List.of(1, 2, 3, 4, 5, 6), this::call));
        Duration time = Duration.between(begin, clock().instant());
        IO.println("more than 2 at a time: " + (most.get() > 2));
        IO.println("more than 4 pauses of 50 ms: " + (time.toMillis() > 200));
        lines.totalTokens(4);
        IO.println("from now on: " + lines.statistics().totalTokens());
    });
}
// @end

void oneAfterTheOther() {
    for (int customer = 1; customer <= 6; customer++) {
        IO.println(call(customer));
    }
}

// Output:
// [customer 1, customer 2, customer 3, customer 4, customer 5, customer 6]
// more than 2 at a time: false
// more than 4 pauses of 50 ms: true
// from now on: 4
