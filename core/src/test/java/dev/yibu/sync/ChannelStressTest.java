package dev.yibu.sync;

import static dev.yibu.sync.Select.after;
import static dev.yibu.sync.Select.on;
import static dev.yibu.sync.Select.select;
import static dev.yibu.sync.Select.selectInOrder;
import static org.assertj.core.api.Assertions.assertThat;

import dev.yibu.Async;
import dev.yibu.Task;
import dev.yibu.TaskGroup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Real threads, random cancels: each item whose sending succeeded is received exactly once, no other is, and what one
 * sender sends arrives in its order. The seed is that of {@code -Dyibu.stress.seed}, or a new one.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ChannelStressTest {
    private static final int ROUNDS = 5_000;
    private static final Duration LIMIT = Duration.ofSeconds(2);

    private enum Kind {
        RENDEZVOUS {
            @Override
            Channel<Integer> channel(Random random) {
                return Channel.rendezvous();
            }
        },
        BUFFERED {
            @Override
            Channel<Integer> channel(Random random) {
                return Channel.buffered(1 + random.nextInt(4));
            }
        },
        UNLIMITED {
            @Override
            Channel<Integer> channel(Random random) {
                return Channel.unlimited();
            }
        };

        abstract Channel<Integer> channel(Random random);
    }

    static Random seeded(String test) {
        long seed = Long.getLong("yibu.stress.seed", System.nanoTime());
        System.out.println(test + " seed " + seed);
        return new Random(seed);
    }

    /** Cancels a random victim now and then until all have ended. */
    static void cancelAtRandom(List<? extends Task<?>> victims, Random random) {
        for (int i = 0; i < victims.size() / 2; i++) {
            if (random.nextInt(3) == 0) {
                Thread.yield();
            }
            victims.get(random.nextInt(victims.size())).cancel();
        }
    }

    /** What each of the senders has sent, and what was received of it. */
    static final class Ledger {
        static final int ITEMS = 40;

        private final int senders;
        private final AtomicIntegerArray received;
        private final AtomicIntegerArray sent;
        private final ConcurrentHashMap<String, String> disorder = new ConcurrentHashMap<>();

        Ledger(int senders) {
            this.senders = senders;
            this.received = new AtomicIntegerArray(senders * ITEMS);
            this.sent = new AtomicIntegerArray(senders * ITEMS);
        }

        void sent(int item) {
            sent.incrementAndGet(item);
        }

        /** Called by one receiver with what it gets, in its order. */
        void received(int item, int[] last) {
            received.incrementAndGet(item);
            int sender = item / ITEMS;
            if (last[sender] >= item) {
                disorder.put("item " + item, "came after " + last[sender]);
            }
            last[sender] = item;
        }

        int[] order() {
            int[] last = new int[senders];
            java.util.Arrays.fill(last, -1);
            return last;
        }

        void check(String round) {
            assertThat(disorder).as(round).isEmpty();
            assertThat(IntStream.range(0, senders * ITEMS).map(received::get).toArray())
                    .as(round + ": received what was sent, and once")
                    .containsExactly(
                            IntStream.range(0, senders * ITEMS).map(sent::get).toArray());
        }
    }

    @ParameterizedTest
    @EnumSource
    void nothing_is_lost_or_doubled_when_senders_and_receivers_are_cancelled(Kind kind) {
        Random random = seeded("ChannelStressTest " + kind);
        AtomicInteger survivors = new AtomicInteger();
        long start = System.nanoTime();
        for (int round = 0; round < ROUNDS && System.nanoTime() - start < LIMIT.toNanos(); round++) {
            Channel<Integer> channel = kind.channel(random);
            Ledger ledger = new Ledger(4);
            Async.run(() -> TaskGroup.run(group -> {
                List<Task<?>> receivers = new ArrayList<>();
                List<Task<?>> senders = new ArrayList<>();
                for (int i = 0; i < 4; i++) {
                    int from = i * Ledger.ITEMS;
                    receivers.add(group.start(() -> {
                        int[] order = ledger.order();
                        for (int item : channel) {
                            ledger.received(item, order);
                        }
                    }));
                    senders.add(group.start(() -> {
                        for (int item = from; item < from + Ledger.ITEMS; item++) {
                            channel.send(item);
                            ledger.sent(item);
                        }
                        survivors.incrementAndGet();
                    }));
                }
                cancelAtRandom(senders.subList(0, 3), random);
                cancelAtRandom(receivers.subList(0, 3), random);
                ended(senders);
                channel.close();
            }));
            ledger.check("round " + round);
        }
        assertThat(survivors).hasPositiveValue();
    }

    static void ended(List<? extends Task<?>> tasks) {
        for (Task<?> task : tasks) {
            try {
                task.await();
            } catch (CancellationException expected) {
                assertThat(task.isCancelled()).isTrue();
            }
        }
    }

    /** Selects on both ends of the same channels, in any order of branches, some of them given up or cancelled. */
    @ParameterizedTest
    @EnumSource
    void nothing_is_lost_or_doubled_between_selects(Kind kind) {
        Random random = seeded("ChannelStressTest select " + kind);
        long start = System.nanoTime();
        for (int round = 0; round < ROUNDS && System.nanoTime() - start < LIMIT.toNanos(); round++) {
            List<Channel<Integer>> channels = List.of(kind.channel(random), kind.channel(random));
            Channel<Integer> stop = Channel.rendezvous();
            Ledger ledger = new Ledger(4);
            long seed = random.nextLong();
            Async.run(() -> TaskGroup.run(group -> {
                List<Task<?>> receivers = new ArrayList<>();
                List<Task<?>> senders = new ArrayList<>();
                for (int i = 0; i < 4; i++) {
                    int sender = i;
                    receivers.add(group.start(() -> receive(channels, stop, ledger, new Random(seed + sender))));
                    senders.add(group.start(() -> send(channels, sender, ledger, new Random(seed - sender))));
                }
                cancelAtRandom(senders.subList(0, 3), random);
                cancelAtRandom(receivers.subList(0, 3), random);
                ended(senders);
                channels.forEach(Channel::close);
                ended(receivers);
            }));
            // With two channels there is no order between them, so only the numbers are checked.
            ledger.disorder.clear();
            ledger.check("round " + round);
            for (Channel<Integer> channel : channels) {
                assertThat(channel.statistics().waitingReceivers()).isZero();
                assertThat(channel.statistics().waitingSenders()).isZero();
            }
        }
    }

    private static void send(List<Channel<Integer>> channels, int sender, Ledger ledger, Random random) {
        int from = sender * Ledger.ITEMS;
        for (int item = from; item < from + Ledger.ITEMS; ) {
            int next = item;
            int first = random.nextInt(2);
            boolean sent = random.nextBoolean()
                    ? select(
                            on(channels.get(first).sending(next), () -> true),
                            on(channels.get(1 - first).sending(next), () -> true),
                            after(Duration.ofNanos(random.nextInt(500_000)), () -> false))
                    : selectInOrder(
                            on(channels.get(first).sending(next), () -> true),
                            on(channels.get(1 - first).sending(next), () -> true));
            if (sent) {
                ledger.sent(item++);
            }
        }
    }

    private static void receive(List<Channel<Integer>> channels, Channel<Integer> stop, Ledger ledger, Random random) {
        int[] order = ledger.order();
        for (int item = 0; item >= 0; ) {
            int first = random.nextInt(2);
            item = select(
                    on(channels.get(first).receivingOrEnd(), received -> received.orElse(-1)),
                    on(stop.receiving(), received -> received),
                    on(channels.get(1 - first).receivingOrEnd(), received -> received.orElse(-1)));
            if (item >= 0) {
                ledger.received(item, order);
            }
        }
        for (Channel<Integer> channel : channels) { // one has ended, the other may have some left
            for (int rest : channel) {
                ledger.received(rest, order);
            }
        }
    }
}
