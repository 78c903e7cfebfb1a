package dev.yibu.benchmarks;

import static dev.yibu.sync.Select.on;
import static dev.yibu.sync.Select.select;

import dev.yibu.Async;
import dev.yibu.benchmarks.Pipe.Traffic;
import dev.yibu.stream.AsyncIterable;
import dev.yibu.sync.Channel;
import dev.yibu.sync.Mutex;
import dev.yibu.sync.Queue;
import dev.yibu.sync.Semaphore;
import java.util.List;
import java.util.function.UnaryOperator;

/** What Yibu has for tasks that work together. */
final class YibuPipes {
    private YibuPipes() {}

    static Pipe buffered(int capacity) {
        return through(Channel.buffered(capacity));
    }

    static Pipe rendezvous() {
        return through(Channel.rendezvous());
    }

    private static Pipe through(Channel<Integer> channel) {
        return new Pipe(
                count -> {
                    for (int i = 0; i < count; i++) {
                        channel.send(Pipe.item(i));
                    }
                },
                count -> {
                    long sum = 0;
                    for (int i = 0; i < count; i++) {
                        sum += channel.receive();
                    }
                    return sum;
                });
    }

    static Pipe queue(int capacity) {
        Queue<Integer> queue = Queue.fifo(capacity);
        return new Pipe(
                count -> {
                    for (int i = 0; i < count; i++) {
                        queue.put(Pipe.item(i));
                    }
                },
                count -> {
                    long sum = 0;
                    for (int i = 0; i < count; i++) {
                        sum += queue.get();
                    }
                    return sum;
                });
    }

    /** Two channels that are given to in turn. */
    static Pipe selected(int capacity) {
        Channel<Integer> one = Channel.buffered(capacity);
        Channel<Integer> other = Channel.buffered(capacity);
        return new Pipe(
                count -> {
                    for (int i = 0; i < count; i++) {
                        ((i & 1) == 0 ? one : other).send(Pipe.item(i));
                    }
                },
                count -> {
                    long sum = 0;
                    for (int i = 0; i < count; i++) {
                        sum += select(on(one.receiving(), item -> item), on(other.receiving(), item -> item));
                    }
                    return sum;
                });
    }

    static Pipe pingPong() {
        Channel<Integer> there = Channel.rendezvous();
        Channel<Integer> back = Channel.rendezvous();
        return Pipe.pingPong(there::send, there::receive, back::send, back::receive);
    }

    // ---------------------------------------------------------------- generators

    static void batched(Traffic traffic) {
        traffic.check(sum(Async.generator(Integer.class, out -> {
            for (int i = 0; i < traffic.count(); i++) {
                out.emit(Pipe.item(i));
            }
        })));
    }

    static void inStep(Traffic traffic) {
        traffic.check(sum(Async.generator(Integer.class, 0, out -> {
            for (int i = 0; i < traffic.count(); i++) {
                out.emit(Pipe.item(i));
            }
        })));
    }

    private static long sum(AsyncIterable<Integer> items) {
        long sum = 0;
        try (items) {
            for (Integer item : items) {
                sum += item;
            }
        }
        return sum;
    }

    // ---------------------------------------------------------------- so many at a time

    static List<Integer> mapConcurrent(List<Integer> items, int limit, UnaryOperator<Integer> work) {
        return Async.mapConcurrent(items, limit, work::apply);
    }

    /** All tasks start at once, and so many at a time work. */
    static List<Integer> taskEach(List<Integer> items, int limit, UnaryOperator<Integer> work) {
        Semaphore permits = Semaphore.of(limit);
        return Async.gather(items, item -> {
            permits.acquire();
            try {
                return work.apply(item);
            } finally {
                permits.release();
            }
        });
    }

    // ---------------------------------------------------------------- what is free

    static void semaphore(int count) {
        Semaphore semaphore = Semaphore.of(1);
        for (int i = 0; i < count; i++) {
            semaphore.acquire();
            semaphore.release();
        }
    }

    static void mutex(int count) {
        Mutex mutex = Mutex.create();
        for (int i = 0; i < count; i++) {
            mutex.acquire();
            mutex.release();
        }
    }
}
