package dev.yibu.benchmarks;

import dev.yibu.TaskGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;

/**
 * Something that items pass through, as two loops: each competitor has loops of its own, which the compiler sees through.
 *
 * @param giving puts so many items in
 * @param taking takes so many items out; yields their sum
 */
record Pipe(Giving giving, Taking taking) {

    /** Puts items in: for each number from 0 on, {@link #item}. */
    interface Giving {
        void give(int count) throws Exception;
    }

    /** Takes items out. */
    interface Taking {
        long take(int count) throws Exception;
    }

    /**
     * Who uses a pipe.
     *
     * @param givers how many give
     * @param takers how many take
     * @param count how many items pass through; a multiple of both
     */
    record Traffic(int givers, int takers, int count) {
        int given() {
            return count / givers;
        }

        int taken() {
            return count / takers;
        }

        /** Fails unless all items have come. */
        void check(long sum) {
            long expected = 0;
            for (int i = 0; i < given(); i++) {
                expected += item(i);
            }
            if (sum != expected * givers) {
                throw new AssertionError("items were lost");
            }
        }
    }

    /** Moves an item one way. */
    interface Sending {
        void send(Integer item) throws Exception;
    }

    /** Waits for the item of the other side. */
    interface Receiving {
        Integer receive() throws Exception;
    }

    /** A pipe in which each item is answered before the next one. */
    static Pipe pingPong(Sending ping, Receiving pinged, Sending pong, Receiving ponged) {
        return new Pipe(
                count -> {
                    for (int i = 0; i < count; i++) {
                        ping.send(item(i));
                        ponged.receive();
                    }
                },
                count -> {
                    long sum = 0;
                    for (int i = 0; i < count; i++) {
                        Integer item = pinged.receive();
                        sum += item;
                        pong.send(item);
                    }
                    return sum;
                });
    }

    /** An item that need not be allocated. */
    static Integer item(int number) {
        return number & 127;
    }

    /** A virtual thread for each who gives or takes. */
    static void onThreads(Supplier<Pipe> pipes, Traffic traffic) throws Exception {
        Pipe pipe = pipes.get();
        List<FutureTask<Long>> all = new ArrayList<>();
        for (int i = 0; i < traffic.givers; i++) {
            all.add(new FutureTask<>(() -> {
                pipe.giving.give(traffic.given());
                return 0L;
            }));
        }
        for (int i = 0; i < traffic.takers; i++) {
            all.add(new FutureTask<>(() -> pipe.taking.take(traffic.taken())));
        }
        all.forEach(Thread::startVirtualThread);
        long sum = 0;
        for (FutureTask<Long> one : all) {
            sum += one.get();
        }
        traffic.check(sum);
    }

    /** A task of Yibu for each who gives or takes. */
    static void inTasks(Supplier<Pipe> pipes, Traffic traffic) throws Exception {
        Pipe pipe = pipes.get();
        long[] sums = new long[traffic.takers];
        TaskGroup.<Exception>run(group -> {
            for (int i = 0; i < traffic.givers; i++) {
                group.start(() -> pipe.giving.give(traffic.given()));
            }
            for (int i = 0; i < sums.length; i++) {
                int index = i;
                group.start(() -> {
                    sums[index] = pipe.taking.take(traffic.taken());
                });
            }
        });
        long sum = 0;
        for (long one : sums) {
            sum += one;
        }
        traffic.check(sum);
    }
}
