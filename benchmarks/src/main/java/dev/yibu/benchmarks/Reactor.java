package dev.yibu.benchmarks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Project Reactor on its parallel scheduler, which has a thread for each processor: its tasks must not wait. */
final class Reactor {
    private Reactor() {}

    static List<Integer> gather(List<Integer> items) {
        return limited(items, items.size(), Work::of);
    }

    /** So many at a time, with the results in order. */
    static List<Integer> limited(List<Integer> items, int limit, UnaryOperator<Integer> work) {
        return Objects.requireNonNull(Flux.fromIterable(items)
                .flatMapSequential(
                        item -> Mono.fromCallable(() -> work.apply(item)).subscribeOn(Schedulers.parallel()), limit)
                .collectList()
                .block());
    }

    static void sleep(List<Integer> items, Duration duration) {
        List<Mono<Long>> delays = new ArrayList<>(items.size());
        items.forEach(_ -> delays.add(Mono.delay(duration)));
        Mono.when(delays).block();
    }

    static Integer timeout(Integer item) {
        return Objects.requireNonNull(
                Mono.fromCallable(() -> Work.of(item)).timeout(Work.TWO_HOURS).block());
    }
}
