package dev.yibu.benchmarks;

import com.softwaremill.jox.Channel;
import com.softwaremill.jox.Select;
import com.softwaremill.jox.structured.Par;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;

/** The channels of Jox, on virtual threads, and its bounded parallelism. It has no semaphore and no mutex. */
final class Jox {
    private Jox() {}

    static Pipe buffered(int capacity) {
        return through(Channel.newBufferedChannel(capacity));
    }

    static Pipe rendezvous() {
        return through(Channel.newRendezvousChannel());
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

    /** Two channels that are given to in turn. */
    static Pipe selected(int capacity) {
        Channel<Integer> one = Channel.newBufferedChannel(capacity);
        Channel<Integer> other = Channel.newBufferedChannel(capacity);
        return new Pipe(
                count -> {
                    for (int i = 0; i < count; i++) {
                        ((i & 1) == 0 ? one : other).send(Pipe.item(i));
                    }
                },
                count -> {
                    long sum = 0;
                    for (int i = 0; i < count; i++) {
                        sum += Select.<Integer>select(one.receiveClause(), other.receiveClause());
                    }
                    return sum;
                });
    }

    static Pipe pingPong() {
        Channel<Integer> there = Channel.newRendezvousChannel();
        Channel<Integer> back = Channel.newRendezvousChannel();
        return Pipe.pingPong(there::send, there::receive, back::send, back::receive);
    }

    static List<Integer> parLimit(List<Integer> items, int limit, UnaryOperator<Integer> work)
            throws InterruptedException {
        List<Callable<Integer>> calls = new ArrayList<>(items.size());
        for (Integer item : items) {
            calls.add(() -> work.apply(item));
        }
        return Par.parLimit(limit, calls);
    }
}
