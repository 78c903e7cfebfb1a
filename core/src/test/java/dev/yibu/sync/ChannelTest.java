package dev.yibu.sync;

import static dev.yibu.Async.allTasks;
import static dev.yibu.Async.currentTask;
import static dev.yibu.Async.run;
import static dev.yibu.sync.Select.on;
import static dev.yibu.sync.Select.select;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.Cancelled;
import dev.yibu.Outcome;
import dev.yibu.Task;
import dev.yibu.TaskGroup;
import dev.yibu.TaskInfo;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ChannelTest {

    // ---------------------------------------------------------------- kinds

    @Test
    void the_sender_of_a_rendezvous_waits_for_a_receiver() {
        Channel<Integer> channel = Channel.rendezvous();
        run(() -> TaskGroup.run(group -> {
            assertThat(channel.trySend(0)).isFalse();
            Task<?> sender = group.start(() -> channel.send(1));
            Until.senders(channel, 1);
            assertThat(sender.isDone()).isFalse();
            assertThat(channel.receive()).isEqualTo(1);
            sender.await();
        }));
    }

    @Test
    void the_sender_of_a_buffered_channel_waits_only_while_the_buffer_is_full() {
        Channel<Integer> channel = Channel.buffered(2);
        run(() -> TaskGroup.run(group -> {
            channel.send(1);
            channel.send(2);
            assertThat(channel.trySend(9)).isFalse();
            Task<?> sender = group.start(() -> channel.send(3));
            Until.senders(channel, 1);
            assertThat(channel.receive()).isEqualTo(1);
            sender.await();
            assertThat(channel.statistics()).isEqualTo(new Channel.Statistics(2, 2, 0, 0, false));
            assertThat(channel.receive()).isEqualTo(2);
            assertThat(channel.receive()).isEqualTo(3);
            assertThat(channel.tryReceive()).isEmpty();
        }));
    }

    @Test
    void the_sender_of_an_unlimited_channel_never_waits() {
        Channel<Integer> channel = Channel.unlimited();
        for (int i = 0; i < 10_000; i++) {
            channel.send(i);
        }
        for (int i = 0; i < 10_000; i++) {
            assertThat(channel.receive()).isEqualTo(i);
        }
    }

    @Test
    void each_item_reaches_one_of_several_receivers_in_the_order_of_their_arrival() {
        Channel<Integer> channel = Channel.rendezvous();
        run(() -> TaskGroup.run(group -> {
            List<Task<Integer>> receivers = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                receivers.add(group.start(channel::receive));
                Until.receivers(channel, i + 1);
            }
            for (int i = 0; i < 4; i++) {
                channel.send(i);
            }
            for (int i = 0; i < 4; i++) {
                assertThat(receivers.get(i).await()).isEqualTo(i);
            }
        }));
    }

    @Test
    void senders_that_wait_are_served_in_the_order_of_their_arrival() {
        for (Channel<Integer> channel : List.of(Channel.<Integer>rendezvous(), Channel.<Integer>buffered(1))) {
            List<Integer> received = new ArrayList<>();
            run(() -> TaskGroup.run(group -> {
                channel.trySend(-1);
                for (int i = 0; i < 4; i++) {
                    int item = i;
                    group.start(() -> channel.send(item));
                    Until.senders(channel, i + 1);
                }
                for (Optional<Integer> i = channel.tryReceive(); i.isPresent(); i = channel.tryReceive()) {
                    received.add(i.get());
                }
            }));
            assertThat(received).endsWith(0, 1, 2, 3).isSorted();
        }
    }

    // ---------------------------------------------------------------- cancellation

    @Test
    void a_cancelled_receiver_has_taken_nothing() {
        Channel<Integer> channel = Channel.rendezvous();
        run(() -> TaskGroup.run(group -> {
            Task<Integer> first = group.start(channel::receive);
            Until.receivers(channel, 1);
            Task<Integer> second = group.start(channel::receive);
            Until.receivers(channel, 2);
            first.cancel();
            channel.send(1);
            Outcome<Integer> ended = select(on(first.awaitingOutcome(), outcome -> outcome));
            if (ended instanceof Outcome.Success<Integer>(Integer got)) { // it had not noticed yet
                assertThat(got).isEqualTo(1);
                channel.send(1);
            }
            assertThat(second.await()).isEqualTo(1);
        }));
    }

    @Test
    void the_item_of_a_cancelled_sender_reaches_nobody() {
        Channel<Integer> channel = Channel.rendezvous();
        run(() -> TaskGroup.run(group -> {
            Task<?> first = group.start(() -> channel.send(1));
            Until.senders(channel, 1);
            group.start(() -> channel.send(2));
            Until.senders(channel, 2);
            first.cancel();
            Until.senders(channel, 1);
            assertThat(channel.receive()).isEqualTo(2);
        }));
    }

    @Test
    void what_was_delivered_before_the_cancel_is_returned() {
        Channel<Integer> channel = Channel.rendezvous();
        AtomicInteger received = new AtomicInteger();
        run(() -> TaskGroup.run(group -> {
            Task<?> receiver = group.start(() -> {
                received.set(channel.receive());
                channel.receive(); // meets the cancellation
                received.set(-1);
            });
            Until.receivers(channel, 1);
            channel.send(7);
            receiver.cancel();
            assertThatThrownBy(receiver::await).isInstanceOf(CancellationException.class);
        }));
        assertThat(received).hasValue(7);
    }

    @Test
    void send_and_receive_are_checkpoints_also_where_they_need_not_wait() {
        Channel<Integer> channel = Channel.buffered(2);
        channel.send(1);
        assertThatThrownBy(() -> run(() -> {
                    currentTask().cancel();
                    assertThatThrownBy(() -> channel.send(2)).isInstanceOf(Cancelled.class);
                    channel.receive();
                }))
                .isInstanceOf(CancellationException.class);
        assertThat(channel.tryReceive()).contains(1);
        assertThat(channel.tryReceive()).isEmpty();
    }

    // ---------------------------------------------------------------- close

    @Test
    void after_close_sending_fails_and_receivers_get_what_is_left_and_then_the_end() {
        Channel<Integer> channel = Channel.buffered("pages", 5);
        channel.send(1);
        channel.send(2);
        channel.send(3);
        channel.close();
        channel.close();

        assertThat(channel.isClosed()).isTrue();
        assertThatThrownBy(() -> channel.send(4))
                .isInstanceOf(ChannelClosedException.class)
                .hasMessage("channel \"pages\" is closed; nothing can be sent any more");
        assertThatThrownBy(() -> channel.trySend(4)).isInstanceOf(ChannelClosedException.class);
        assertThat(channel.receive()).isEqualTo(1);
        assertThat(channel.tryReceive()).contains(2);
        assertThat(channel.receiveOrEnd()).contains(3);
        assertThat(channel.receiveOrEnd()).isEmpty();
        assertThatThrownBy(channel::receive)
                .isInstanceOf(ChannelClosedException.class)
                .hasMessage("channel \"pages\" is closed, and nothing is left in it");
        assertThatThrownBy(channel::tryReceive).isInstanceOf(ChannelClosedException.class);
    }

    @Test
    void after_close_with_an_error_receivers_get_what_is_left_and_then_the_error() {
        Channel<Integer> channel = Channel.buffered(5);
        IOException error = new IOException("the source is gone");
        channel.send(1);
        channel.close(error);
        channel.close();

        assertThatThrownBy(() -> channel.send(4))
                .isInstanceOf(ChannelClosedException.class)
                .hasCause(error);
        assertThat(channel.receive()).isEqualTo(1);
        assertThatThrownBy(channel::receive).isSameAs(error);
        assertThatThrownBy(channel::receiveOrEnd).isSameAs(error);
        assertThatThrownBy(channel::tryReceive).isSameAs(error);
        assertThatThrownBy(() -> channel.iterator().hasNext()).isSameAs(error);
    }

    @Test
    void close_ends_those_who_wait_and_the_items_of_senders_reach_nobody() {
        Channel<Integer> empty = Channel.buffered(1);
        Channel<Integer> full = Channel.buffered(1);
        IOException error = new IOException("closed with it");
        run(() -> TaskGroup.run(group -> {
            full.send(1);
            List<Task<?>> waiting = List.of(
                    group.start(() -> {
                        assertThat(empty.receiveOrEnd()).isEmpty();
                    }),
                    group.start(() -> {
                        assertThatThrownBy(empty::receive).isInstanceOf(ChannelClosedException.class);
                    }),
                    group.start(() -> {
                        assertThatThrownBy(() -> full.send(2)).isInstanceOf(ChannelClosedException.class);
                    }));
            Until.receivers(empty, 2);
            Until.senders(full, 1);
            empty.close();
            full.close(error);
            waiting.forEach(Task::await);
            assertThat(full.receive()).isEqualTo(1);
            assertThatThrownBy(full::receive).isSameAs(error);
        }));
    }

    // ---------------------------------------------------------------- iteration

    @Test
    void a_plain_for_ends_when_the_channel_is_closed() {
        Channel<Integer> channel = Channel.buffered(2);
        List<Integer> received = new ArrayList<>();
        run(() -> TaskGroup.run(group -> {
            group.start(() -> {
                try (channel) {
                    for (int i = 0; i < 10; i++) {
                        channel.send(i);
                    }
                }
            });
            for (int item : channel) {
                received.add(item);
            }
        }));
        assertThat(received).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    }

    @Test
    void several_loops_share_the_items_and_leaving_one_loses_nothing() {
        Channel<Integer> channel = Channel.buffered(3);
        List<Integer> received = new CopyOnWriteArrayList<>();
        run(() -> TaskGroup.run(group -> {
            for (int i = 0; i < 3; i++) {
                group.start(() -> {
                    for (int item : channel) {
                        received.add(item);
                    }
                });
            }
            group.start(() -> {
                for (int item : channel) {
                    received.add(item);
                    break;
                }
            });
            for (int i = 0; i < 50; i++) {
                channel.send(i);
            }
            channel.close();
        }));
        assertThat(received).hasSize(50).doesNotHaveDuplicates();
    }

    @Test
    void an_iterator_keeps_what_has_next_has_received() {
        Channel<Integer> channel = Channel.buffered(3);
        channel.send(1);
        channel.close();
        Iterator<Integer> iterator = channel.iterator();
        assertThat(iterator.hasNext()).isTrue();
        assertThat(iterator.hasNext()).isTrue();
        assertThat(iterator.next()).isEqualTo(1);
        assertThat(iterator.hasNext()).isFalse();
        assertThatThrownBy(iterator::next).isInstanceOf(NoSuchElementException.class);
    }

    // ---------------------------------------------------------------- what others see

    @Test
    void a_listing_shows_what_a_task_waits_for() {
        Channel<Integer> pages = Channel.rendezvous("pages");
        run(() -> TaskGroup.run(group -> {
            Task<Integer> receiver = group.start(pages::receive);
            Until.holds(() -> waits().equals(List.of("channel \"pages\" to have an item")));
            receiver.cancel();
            Until.receivers(pages, 0);
            Task<?> sender = group.start(() -> pages.send(1));
            Until.holds(() -> waits().equals(List.of("channel \"pages\" to have a taker")));
            sender.cancel();
        }));
    }

    private static List<String> waits() {
        return allTasks().stream()
                .map(TaskInfo::waitingFor)
                .flatMap(Optional::stream)
                .filter(on -> on.contains("pages"))
                .toList();
    }

    @Test
    void threads_that_are_no_tasks_can_use_it() {
        Channel<Integer> channel = Channel.rendezvous();
        Thread.ofPlatform().daemon().start(() -> {
            for (int i = 0; i < 100; i++) {
                channel.send(i);
            }
            channel.close();
        });
        List<Integer> received = new ArrayList<>();
        channel.forEach(received::add);
        assertThat(received).hasSize(100).isSorted();
    }

    @Test
    void bad_input_gets_a_clear_error() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Channel.buffered(0))
                .withMessage("the buffer's capacity is 0; it must hold an item, or use Channel.rendezvous()");
        assertThatNullPointerException()
                .isThrownBy(() -> Channel.unlimited().send(null))
                .withMessage("item");
        assertThatNullPointerException()
                .isThrownBy(() -> Channel.unlimited().trySend(null))
                .withMessage("item");
        assertThatNullPointerException()
                .isThrownBy(() -> Channel.unlimited().close(null))
                .withMessage("error");
        assertThatNullPointerException()
                .isThrownBy(() -> Channel.unlimited(null))
                .withMessage("name");
    }
}
