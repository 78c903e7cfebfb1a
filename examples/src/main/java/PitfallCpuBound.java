// Pitfall 4: calculations
// Tasks save waiting, not work. Calculations need cores: run them in an executor with a thread for each core.

import static dev.yibu.Async.*;

// @start region=tour
int primesBelow(int limit) { // waits for nothing
    int primes = 0;
    for (int n = 2; n < limit; n++) {
        int divisor = 2;
        while (divisor * divisor <= n && n % divisor != 0) {
            divisor++;
        }
        primes += divisor * divisor > n ? 1 : 0;
    }
    return primes;
}

void main() {
    int cores = Runtime.getRuntime().availableProcessors();
    try (ExecutorService threads = Executors.newFixedThreadPool(cores)) {
        List<Integer> limits = List.of(700_000, 700_000, 700_000, 700_000);
        IO.println(run(() -> gather(limits, limit -> runInExecutor(threads, () -> primesBelow(limit)))));
    }
}
// @end

void oneAfterTheOther() {
    for (int i = 0; i < 4; i++) {
        IO.println(primesBelow(700_000));
    }
}

// Output:
// [56543, 56543, 56543, 56543]
