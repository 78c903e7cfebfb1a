package dev.yibu.sync;

import static dev.yibu.sync.ChannelStressTest.cancelAtRandom;
import static dev.yibu.sync.ChannelStressTest.ended;
import static dev.yibu.sync.ChannelStressTest.seeded;
import static org.assertj.core.api.Assertions.assertThat;

import dev.yibu.Async;
import dev.yibu.Task;
import dev.yibu.TaskGroup;
import dev.yibu.sync.ChannelStressTest.Ledger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Real threads, random cancels: each item that was put is got once and no other is; and join waits for exactly those. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class QueueStressTest {
    private static final int ROUNDS = 5_000;
    private static final Duration LIMIT = Duration.ofSeconds(2);

    @Test
    void nothing_is_lost_or_doubled_and_join_comes_back() {
        Random random = seeded("QueueStressTest");
        long start = System.nanoTime();
        for (int round = 0; round < ROUNDS && System.nanoTime() - start < LIMIT.toNanos(); round++) {
            boolean fifo = random.nextBoolean();
            int size = 1 + random.nextInt(4);
            Queue<Integer> queue = fifo ? Queue.fifo(size) : Queue.priority(size, Integer::compare);
            Ledger ledger = new Ledger(4);
            Async.run(() -> TaskGroup.run(group -> {
                List<Task<?>> getters = new ArrayList<>();
                List<Task<?>> putters = new ArrayList<>();
                for (int i = 0; i < 4; i++) {
                    int from = i * Ledger.ITEMS;
                    getters.add(group.start(() -> get(queue, ledger)));
                    putters.add(group.start(() -> {
                        for (int item = from; item < from + Ledger.ITEMS; item++) {
                            queue.put(item);
                            ledger.sent(item);
                        }
                    }));
                }
                cancelAtRandom(putters, random);
                cancelAtRandom(getters.subList(0, 3), random);
                ended(putters);
                queue.join();
                assertThat(queue.statistics().unfinished()).isZero();
                queue.shutdown();
                ended(getters);
            }));
            ledger.check("round " + round);
        }
    }

    private static void get(Queue<Integer> queue, Ledger ledger) {
        for (; ; ) {
            Integer item;
            try {
                item = queue.get();
            } catch (QueueShutdownException end) {
                return;
            }
            ledger.received(item, ledger.order()); // what a cancelled putter leaves behind may be overtaken
            queue.taskDone();
        }
    }

    /** An immediate shutdown at a random moment: what was put is either got or drained, and join comes back. */
    @Test
    void an_immediate_shutdown_accounts_for_every_item() {
        Random random = seeded("QueueStressTest shutdown");
        long start = System.nanoTime();
        for (int round = 0; round < ROUNDS && System.nanoTime() - start < LIMIT.toNanos() / 2; round++) {
            Queue<Integer> queue = Queue.fifo(1 + random.nextInt(8));
            int spins = random.nextInt(2_000);
            Async.run(() -> TaskGroup.run(group -> {
                for (int i = 0; i < 3; i++) {
                    group.start(() -> get(queue, new Ledger(1)));
                    group.start(() -> {
                        try {
                            for (int item = 0; item < Ledger.ITEMS; item++) {
                                queue.put(item);
                            }
                        } catch (QueueShutdownException end) {
                            assertThat(queue.statistics().isShutdown()).isTrue();
                        }
                    });
                }
                for (int i = 0; i < spins; i++) {
                    Thread.onSpinWait();
                }
                queue.shutdown(random.nextBoolean());
                queue.join();
            }));
            assertThat(queue.statistics().unfinished()).as("round " + round).isZero();
            assertThat(queue.size()).isZero();
        }
    }
}
