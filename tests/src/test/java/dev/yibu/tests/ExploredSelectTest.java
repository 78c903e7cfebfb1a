package dev.yibu.tests;

import static dev.yibu.Async.checkpoint;
import static dev.yibu.Async.clock;
import static dev.yibu.Async.sleep;
import static dev.yibu.sync.Select.after;
import static dev.yibu.sync.Select.on;
import static dev.yibu.sync.Select.onRun;
import static dev.yibu.sync.Select.otherwise;
import static dev.yibu.sync.Select.select;
import static dev.yibu.sync.Select.selectInOrder;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.yibu.Task;
import dev.yibu.TaskGroup;
import dev.yibu.sync.Channel;
import dev.yibu.sync.Queue;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Selects: exactly one branch, and the losers lose nothing. */
class ExploredSelectTest {

    @Nested
    @AtRandom
    class Randomly extends Rules {}

    @Nested
    @ByPriority
    class WithPriorities extends Rules {}

    @Nested
    @BetweenAllAccesses
    class BetweenTwoAccesses extends Rules {}

    abstract static class Rules extends ExploredRules {
        private final Channel<Integer> left = Channel.rendezvous();
        private final Channel<Integer> right = Channel.rendezvous();
        private final List<Integer> sent = new ArrayList<>();
        private final List<Integer> received = new ArrayList<>();

        private void sendEither(int item) {
            select(onRun(left.sending(item), _ -> sent.add(item)), onRun(right.sending(-item), _ -> sent.add(-item)));
        }

        private void receiveEither() {
            select(onRun(right.receiving(), received::add), onRun(left.receiving(), received::add));
        }

        @Test
        void selects_at_both_ends_agree_on_one_item() {
            TaskGroup.run(group -> {
                group.start("sender", () -> sendEither(1));
                group.start("receiver", this::receiveEither);
            });
            assertThat(received).hasSize(1).isEqualTo(sent);
        }

        @Test
        void selects_at_both_ends_lose_nothing_when_some_are_cancelled() {
            TaskGroup.run(group -> {
                Task<?> doomed = group.start("doomed receiver", this::receiveEither);
                Task<?> sender = group.start("doomed sender", () -> sendEither(1));
                Task<?> second = group.start("second sender", () -> sendEither(2));
                Task<?> receiver = group.start("receiver", this::receiveEither);
                group.start("canceller", () -> {
                    sender.cancel("enough");
                    doomed.cancel("enough");
                });
                while (!doomed.isDone() || !sender.isDone()) {
                    checkpoint();
                }
                while (!second.isDone() || !receiver.isDone()) { // the doomed ones may have met them, or each other
                    select(
                            onRun(left.receiving(), received::add),
                            onRun(right.sending(3), _ -> sent.add(3)),
                            otherwise(() -> checkpoint()));
                }
            });
            assertThat(received).containsExactlyInAnyOrderElementsOf(sent);
        }

        @Test
        void a_cycle_of_selects_gets_into_no_embrace() {
            Channel<Integer> third = Channel.rendezvous();
            List<Channel<Integer>> circle = List.of(left, right, third);
            TaskGroup.run(group -> {
                for (int i = 0; i < 3; i++) {
                    Channel<Integer> mine = circle.get(i);
                    Channel<Integer> next = circle.get((i + 1) % 3);
                    int item = i;
                    group.start("task " + i, () -> {
                        boolean hasSent = false;
                        boolean hasReceived = false;
                        while (!hasSent || !hasReceived) {
                            if (!hasSent && !hasReceived) {
                                boolean sends =
                                        select(on(next.sending(item), _ -> true), on(mine.receiving(), value -> {
                                            received.add(value);
                                            return false;
                                        }));
                                hasSent = sends;
                                hasReceived = !sends;
                            } else if (hasSent) {
                                received.add(mine.receive());
                                hasReceived = true;
                            } else {
                                next.send(item);
                                hasSent = true;
                            }
                        }
                    });
                }
            });
            assertThat(received).containsExactlyInAnyOrder(0, 1, 2);
        }

        @Test
        void what_comes_at_the_last_moment_is_received_or_still_with_its_sender() {
            Instant start = clock().instant();
            TaskGroup.run(group -> {
                Task<?> sender = group.start("sender", () -> {
                    sleep(ofSeconds(1));
                    left.send(1);
                    sent.add(1);
                });
                boolean inTime = select(
                        on(left.receiving(), item -> {
                            received.add(item);
                            return true;
                        }),
                        after(ofSeconds(1), () -> false));
                assertThat(clock().instant()).isEqualTo(start.plusSeconds(1));
                if (!inTime) {
                    received.add(left.receive());
                }
                sender.await();
            });
            assertThat(received).containsExactly(1);
        }

        @Test
        void a_task_that_was_not_chosen_goes_on() {
            TaskGroup.run(group -> {
                Task<Integer> task = group.start("task", () -> {
                    checkpoint();
                    return 7;
                });
                group.start("sender", () -> left.send(7));
                boolean ended = select(on(task, value -> value == 7), on(left.receiving(), item -> item != 7));
                if (ended) {
                    received.add(left.receive());
                }
                assertThat(task.await()).isEqualTo(7);
            });
        }

        @Test
        void queues_and_channels_in_one_select_lose_nothing() {
            Queue<Integer> queue = Queue.fifo(1);
            TaskGroup.run(group -> {
                group.start("putter", () -> {
                    queue.put(1);
                    queue.put(2);
                });
                group.start("sender", () -> left.send(3));
                Task<?> doomed = group.start(
                        "doomed",
                        () -> select(onRun(queue.getting(), received::add), onRun(left.receiving(), received::add)));
                group.start("canceller", () -> doomed.cancel("enough"));
                while (!doomed.isDone()) {
                    checkpoint();
                }
                while (received.size() < 3) {
                    selectInOrder(onRun(left.receiving(), received::add), onRun(queue.getting(), received::add));
                }
            });
            assertThat(received).containsExactlyInAnyOrder(1, 2, 3);
            assertThat(received.indexOf(1)).isLessThan(received.indexOf(2));
            assertThat(queue.statistics().waitingGetters()).isZero();
        }

        @AfterEach
        void nobody_waits() {
            for (Channel<Integer> channel : List.of(left, right)) {
                assertThat(channel.statistics().waitingReceivers()).isZero();
                assertThat(channel.statistics().waitingSenders()).isZero();
            }
        }
    }
}
