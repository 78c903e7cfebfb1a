package dev.yibu.tests;

import static dev.yibu.Async.checkpoint;
import static dev.yibu.sync.Select.on;
import static dev.yibu.sync.Select.select;
import static org.assertj.core.api.Assertions.assertThat;

import dev.yibu.Task;
import dev.yibu.TaskGroup;
import dev.yibu.sync.Channel;
import dev.yibu.sync.ChannelClosedException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Channels: what was sent is received once, in order; what is closed is closed for all. */
class ExploredChannelTest {

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
        private final List<Integer> sent = new ArrayList<>();
        private final List<Integer> received = new ArrayList<>();
        private Channel<Integer> channel = Channel.rendezvous();

        private void send(int item) {
            channel.send(item);
            sent.add(item);
        }

        private void receiveAll() {
            for (int item : channel) {
                received.add(item);
            }
        }

        private List<Integer> receivedOf(int tens) {
            return received.stream().filter(item -> item / 10 == tens).toList();
        }

        private void eachItemIsReceivedOnce() {
            TaskGroup.run(group -> {
                Task<?> first = group.start("first", () -> {
                    send(1);
                    send(2);
                });
                Task<?> doomed = group.start("doomed sender", () -> {
                    send(11);
                    send(12);
                });
                Task<?> receiver = group.start("doomed receiver", () -> {
                    channel.receiveOrEnd().ifPresent(received::add);
                });
                group.start("receiver", this::receiveAll);
                group.start("canceller", () -> {
                    receiver.cancel("enough");
                    doomed.cancel("enough");
                });
                first.await();
                while (!doomed.isDone()) {
                    checkpoint();
                }
                channel.close();
            });
            assertThat(received).containsExactlyInAnyOrderElementsOf(sent);
            assertThat(sent).contains(1, 2);
        }

        @Test
        void each_item_is_received_once_from_hand_to_hand_though_both_ends_are_cancelled() {
            eachItemIsReceivedOnce();
        }

        @Test
        void each_item_is_received_once_through_a_buffer_though_both_ends_are_cancelled() {
            channel = Channel.buffered(1);
            eachItemIsReceivedOnce();
        }

        @Test
        void items_of_one_sender_come_in_their_order() {
            channel = Channel.buffered(2);
            TaskGroup.run(group -> {
                Task<?> first = group.start("first", () -> {
                    for (int i = 1; i <= 4; i++) {
                        send(i);
                    }
                });
                Task<?> second = group.start("second", () -> {
                    send(11);
                    send(12);
                });
                group.start("receiver", this::receiveAll);
                first.await();
                second.await();
                channel.close();
            });
            assertThat(receivedOf(0)).containsExactly(1, 2, 3, 4);
            assertThat(receivedOf(1)).containsExactly(11, 12);
        }

        private void sendUnlessClosed(int item) {
            try {
                send(item);
            } catch (ChannelClosedException refused) {
                assertThat(channel.isClosed()).isTrue();
            }
        }

        private void closesForAll() {
            TaskGroup.run(group -> {
                group.start("first", () -> sendUnlessClosed(1));
                group.start("second", () -> sendUnlessClosed(2));
                group.start("third", () -> sendUnlessClosed(3));
                group.start("receiver", this::receiveAll);
                group.start("another receiver", this::receiveAll);
                channel.close();
            });
            assertThat(received).containsExactlyInAnyOrderElementsOf(sent);
        }

        @Test
        void a_send_that_meets_the_close_fails_and_its_item_reaches_nobody() {
            closesForAll();
        }

        @Test
        void what_is_in_the_buffer_when_it_is_closed_is_received() {
            channel = Channel.buffered(1);
            closesForAll();
        }

        @Test
        void an_error_reaches_all_who_receive_after_what_was_sent() {
            channel = Channel.buffered(1);
            IOException error = new IOException("the source is broken");
            TaskGroup.run(group -> {
                for (int i = 0; i < 2; i++) {
                    group.start("receiver " + i, () -> {
                        Throwable met = null;
                        try {
                            receiveAll();
                        } catch (Throwable t) {
                            met = t;
                            if (t != error) {
                                throw t;
                            }
                        }
                        assertThat(met).isSameAs(error);
                    });
                }
                send(1);
                send(2);
                channel.close(error);
                channel.close(new IOException("too late"));
            });
            assertThat(received).containsExactlyInAnyOrder(1, 2);
        }

        @Test
        void who_waits_longest_is_served_first() {
            TaskGroup.run(group -> {
                List<Task<Integer>> receivers = new ArrayList<>();
                for (int i = 0; i < 3; i++) {
                    receivers.add(group.start("receiver " + i, channel::receive));
                    while (channel.statistics().waitingReceivers() <= i) {
                        checkpoint();
                    }
                }
                group.start("canceller", () -> receivers.get(1).cancel("enough"));
                while (!receivers.get(1).isDone()) {
                    checkpoint();
                }
                group.start("sender", () -> {
                    send(1);
                    send(2);
                });
                assertThat(receivers.get(0).await()).isEqualTo(1);
                assertThat(receivers.get(2).await()).isEqualTo(2);
            });
        }

        @Test
        void who_comes_late_takes_nothing_from_who_waits() {
            TaskGroup.run(group -> {
                Task<Integer> waiting = group.start("who waits", channel::receive);
                while (channel.statistics().waitingReceivers() == 0) {
                    checkpoint();
                }
                Task<Integer> late = group.start("who comes late", channel::receive);
                group.start("sender", () -> send(1));
                assertThat(waiting.await()).isEqualTo(1);
                late.cancel("enough");
            });
        }

        @Test
        void who_tries_or_selects_gets_what_others_send() {
            TaskGroup.run(group -> {
                group.start("sender", () -> {
                    send(1);
                    send(2);
                });
                group.start("another sender", () -> send(3));
                group.start("who tries", () -> {
                    Optional<Integer> item = channel.tryReceive();
                    while (item.isEmpty()) {
                        checkpoint();
                        item = channel.tryReceive();
                    }
                    received.add(item.get());
                });
                group.start("who selects", () -> received.add(select(on(channel.receiving(), item -> item))));
                group.start("who receives", () -> received.add(channel.receive()));
            });
            assertThat(received).containsExactlyInAnyOrder(1, 2, 3);
        }

        @Test
        void nothing_passes_once_it_is_closed() {
            channel.close();
            TaskGroup.run(group -> {
                group.start("sender", () -> sendUnlessClosed(1));
                group.start("receiver", this::receiveAll);
            });
            assertThat(sent).isEmpty();
            assertThat(received).isEmpty();
        }

        @AfterEach
        void nobody_waits() {
            assertThat(channel.statistics().waitingReceivers()).isZero();
            assertThat(channel.statistics().waitingSenders()).isZero();
        }
    }
}
