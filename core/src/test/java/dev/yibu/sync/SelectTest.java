package dev.yibu.sync;

import static dev.yibu.Async.allTasks;
import static dev.yibu.Async.clock;
import static dev.yibu.Async.currentTask;
import static dev.yibu.Async.run;
import static dev.yibu.Async.sleep;
import static dev.yibu.sync.Select.after;
import static dev.yibu.sync.Select.at;
import static dev.yibu.sync.Select.on;
import static dev.yibu.sync.Select.onRun;
import static dev.yibu.sync.Select.otherwise;
import static dev.yibu.sync.Select.select;
import static dev.yibu.sync.Select.selectInOrder;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.Cancelled;
import dev.yibu.GroupOptions;
import dev.yibu.Outcome;
import dev.yibu.Task;
import dev.yibu.TaskGroup;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SelectTest {
    private static final Duration SHORT = Duration.ofMillis(2);
    private static final Duration LONG = Duration.ofHours(1);

    // ---------------------------------------------------------------- branches

    @Test
    void the_branch_that_is_ready_is_taken() {
        Channel<String> a = Channel.buffered(1);
        Channel<String> b = Channel.buffered(1);
        b.send("from b");

        String got = select(on(a.receiving(), item -> "a: " + item), on(b.receiving(), item -> "b: " + item));

        assertThat(got).isEqualTo("b: from b");
        assertThat(b.tryReceive()).isEmpty();
    }

    @Test
    void it_waits_until_a_branch_is_ready() {
        Channel<String> a = Channel.buffered(1);
        Channel<String> b = Channel.rendezvous();
        run(() -> TaskGroup.run(group -> {
            Task<String> selecting = group.start(
                    () -> select(on(a.receiving(), item -> "a: " + item), on(b.receiving(), item -> "b: " + item)));
            Until.receivers(b, 1);
            b.send("late");
            assertThat(selecting.await()).isEqualTo("b: late");
            Until.receivers(a, 0);
            a.send("kept");
            assertThat(a.receive()).as("the loser has lost nothing").isEqualTo("kept");
        }));
    }

    @Test
    void a_send_takes_place_only_if_it_is_chosen() {
        Channel<String> full = Channel.buffered(1);
        Channel<String> other = Channel.rendezvous();
        run(() -> TaskGroup.run(group -> {
            full.send("first");
            Task<String> selecting = group.start(
                    () -> select(on(full.sending("second"), () -> "sent"), on(other.receiving(), item -> item)));
            Until.senders(full, 1);
            other.send("stop");
            assertThat(selecting.await()).isEqualTo("stop");

            Task<String> again = group.start(
                    () -> select(on(full.sending("third"), () -> "sent"), on(other.receiving(), item -> item)));
            Until.senders(full, 1);
            assertThat(full.receive()).isEqualTo("first");
            assertThat(again.await()).isEqualTo("sent");
            assertThat(full.receive()).isEqualTo("third");
            assertThat(full.tryReceive()).isEmpty();
        }));
    }

    @Test
    void a_task_is_a_branch_and_goes_on_if_it_is_not_chosen() {
        Channel<String> channel = Channel.rendezvous();
        run(() -> TaskGroup.run(group -> {
            Channel<String> hint = Channel.rendezvous();
            Task<String> task = group.start(hint::receive);
            Task<String> selecting =
                    group.start(() -> select(on(task, value -> value), on(channel.receiving(), item -> item)));
            Until.receivers(channel, 1);
            channel.send("not the task");
            assertThat(selecting.await()).isEqualTo("not the task");
            assertThat(task.isDone()).isFalse();

            Task<String> again =
                    group.start(() -> select(on(task, value -> value), on(channel.receiving(), item -> item)));
            Until.receivers(channel, 1);
            hint.send("its value");
            assertThat(again.await()).isEqualTo("its value");
            String ended = select(on(task, value -> value + " again"), on(channel.receiving(), item -> item));
            assertThat(ended).isEqualTo("its value again");
        }));
    }

    @Test
    void the_failure_of_a_task_is_thrown_as_it_is_or_seen_as_an_outcome() throws IOException {
        IOException failure = new IOException("the task's");
        run(() -> TaskGroup.run(GroupOptions.supervised(), group -> {
            Task<String> task = group.start(() -> {
                throw failure;
            });
            assertThatThrownBy(() -> select(on(task, value -> value), after(LONG, () -> "late")))
                    .isSameAs(failure);
            Outcome<String> outcome = select(on(task.awaitingOutcome(), o -> o));
            assertThat(outcome).isEqualTo(new Outcome.Failure<>(failure));
        }));
    }

    @Test
    void a_task_that_a_select_has_left_does_not_keep_its_branches() {
        Channel<String> channel = Channel.buffered(1);
        run(() -> TaskGroup.run(group -> {
            Task<?> task = group.start(() -> sleep(LONG));
            for (int i = 0; i < 3; i++) {
                assertThat(Select.<String, RuntimeException>select(
                                onRunString(task), after(Duration.ofNanos(1), () -> "time")))
                        .isEqualTo("time");
            }
            task.cancel();
            assertThatThrownBy(() -> select(on(task.awaiting(), () -> "end")))
                    .isInstanceOf(CancellationException.class);
            assertThat(channel.tryReceive()).isEmpty();
        }));
    }

    private static Select.Branch<String, RuntimeException> onRunString(Task<?> task) {
        return on(task.awaiting(), () -> "end");
    }

    @Test
    void time_is_a_branch() {
        Channel<String> channel = Channel.rendezvous();
        run(() -> {
            java.time.Instant start = clock().instant();
            String got = select(on(channel.receiving(), item -> item), after(SHORT, () -> "time"));
            assertThat(got).isEqualTo("time");
            assertThat(Duration.between(start, clock().instant())).isGreaterThanOrEqualTo(SHORT.minusMillis(1));

            String moment = select(
                    on(channel.receiving(), item -> item), at(clock().instant().plus(SHORT), () -> "moment"));
            assertThat(moment).isEqualTo("moment");
            String past =
                    select(at(clock().instant().minus(LONG), () -> "past"), on(channel.receiving(), item -> item));
            assertThat(past).isEqualTo("past");
            assertThat(channel.statistics().waitingReceivers()).isZero();
        });
    }

    @Test
    void a_branch_can_be_used_again_and_its_time_counts_from_each_select() {
        Channel<Integer> channel = Channel.buffered(1);
        Select.Branch<Integer, RuntimeException> receive = on(channel.receiving(), item -> item);
        Select.Branch<Integer, RuntimeException> time = after(SHORT, () -> -1);
        for (int i = 0; i < 3; i++) {
            channel.send(i);
            assertThat(Select.<Integer, RuntimeException>selectInOrder(receive, time))
                    .isEqualTo(i);
            assertThat(Select.<Integer, RuntimeException>selectInOrder(receive, time))
                    .isEqualTo(-1);
        }
    }

    @Test
    void otherwise_is_taken_if_nothing_is_ready_and_only_then() {
        Channel<Integer> channel = Channel.buffered(1);
        List<String> taken = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            select(onRun(channel.receiving(), item -> taken.add("received " + item)), otherwise(() -> {
                taken.add("nothing");
            }));
            channel.send(1);
        }
        assertThat(taken).containsExactly("nothing", "received 1");
        assertThat(Select.<String, RuntimeException>select(otherwise(() -> "alone")))
                .isEqualTo("alone");
    }

    @Test
    void a_queue_can_be_got_from_and_put_into() {
        Queue<Integer> queue = Queue.lifo(2);
        for (int i = 0; i < 2; i++) {
            int item = i;
            select(on(queue.putting(item), () -> {}), otherwise(() -> {
                throw new AssertionError("there is room");
            }));
        }
        int got = select(on(queue.putting(9), () -> -1), on(queue.getting(), item -> item));
        assertThat(got).isEqualTo(1);
        assertThat(queue.statistics().unfinished()).isEqualTo(2);
    }

    // ---------------------------------------------------------------- exceptions

    private static String save(String item) throws IOException {
        throw new IOException("can't save " + item);
    }

    @Test
    void the_exceptions_of_branches_are_carried_through() {
        Channel<String> channel = Channel.buffered(1);
        channel.send("x");
        try {
            String never = select(on(channel.receiving(), SelectTest::save), after(LONG, () -> "time"));
            throw new AssertionError(never);
        } catch (IOException e) {
            assertThat(e).hasMessage("can't save x");
        }
    }

    @Test
    void a_closed_channel_is_ready_and_throws_or_tells_the_end() {
        Channel<String> closed = Channel.buffered(1);
        Channel<String> open = Channel.rendezvous();
        closed.send("left");
        closed.close();
        assertThat(Select.<String, RuntimeException>select(on(closed.receiving(), item -> item)))
                .isEqualTo("left");
        assertThatThrownBy(() -> select(on(closed.receiving(), item -> item), on(open.receiving(), item -> item)))
                .isInstanceOf(ChannelClosedException.class);
        assertThatThrownBy(() -> select(on(closed.sending("x"), () -> "sent")))
                .isInstanceOf(ChannelClosedException.class);
        assertThat(Select.<String, RuntimeException>select(
                        on(closed.receivingOrEnd(), item -> item.orElse("end")), on(open.receiving(), item -> item)))
                .isEqualTo("end");
    }

    @Test
    void a_channel_that_is_closed_meanwhile_ends_the_wait() {
        Channel<String> a = Channel.rendezvous();
        Channel<String> b = Channel.rendezvous();
        IOException error = new IOException("gone");
        run(() -> TaskGroup.run(group -> {
            Task<?> selecting = group.start(() -> {
                assertThatThrownBy(() -> select(on(a.receiving(), item -> item), on(b.sending("x"), () -> "sent")))
                        .isSameAs(error);
            });
            Until.receivers(a, 1);
            a.close(error);
            selecting.await();
            assertThat(b.statistics().waitingSenders()).isZero();
        }));
    }

    // ---------------------------------------------------------------- cancellation

    @Test
    void a_cancelled_select_has_taken_no_branch() {
        Channel<String> a = Channel.rendezvous();
        Channel<String> b = Channel.rendezvous();
        run(() -> TaskGroup.run(group -> {
            Task<String> selecting = group.start(() ->
                    select(on(a.receiving(), item -> item), on(b.sending("x"), () -> "sent"), after(LONG, () -> "")));
            Until.receivers(a, 1);
            selecting.cancel();
            if (a.trySend("it")) { // before it has noticed
                assertThat(selecting.await()).isEqualTo("it");
            } else {
                assertThatThrownBy(selecting::await).isInstanceOf(CancellationException.class);
            }
            assertThat(a.statistics().waitingReceivers()).isZero();
            assertThat(b.statistics().waitingSenders()).isZero();
            assertThat(b.tryReceive()).isEmpty();
        }));
    }

    @Test
    void it_is_a_checkpoint_also_if_a_branch_is_ready() {
        Channel<String> channel = Channel.buffered(1);
        channel.send("kept");
        assertThatThrownBy(() -> run(() -> {
                    currentTask().cancel();
                    assertThatThrownBy(() -> select(on(channel.receiving(), item -> item)))
                            .isInstanceOf(Cancelled.class);
                    select(otherwise(() -> "never"));
                }))
                .isInstanceOf(CancellationException.class);
        assertThat(channel.tryReceive()).contains("kept");
    }

    // ---------------------------------------------------------------- choice

    @Test
    void if_several_are_ready_each_has_its_chance() {
        Channel<Integer> a = Channel.unlimited();
        Channel<Integer> b = Channel.unlimited();
        int[] taken = new int[2];
        for (int i = 0; i < 200; i++) {
            a.send(0);
            b.send(1);
            taken[select(on(a.receiving(), item -> item), on(b.receiving(), item -> item))]++;
        }
        assertThat(taken[0]).isBetween(40, 160);
        assertThat(taken[0] + taken[1]).isEqualTo(200);
    }

    @Test
    void in_order_the_first_that_is_ready_is_taken() {
        Channel<Integer> a = Channel.unlimited();
        Channel<Integer> b = Channel.unlimited();
        for (int i = 0; i < 50; i++) {
            a.send(0);
            b.send(1);
            int taken = selectInOrder(on(b.receiving(), item -> item), on(a.receiving(), item -> item));
            assertThat(taken).isEqualTo(1);
        }
    }

    // ---------------------------------------------------------------- select meets select

    @Test
    void two_selects_meet_in_a_rendezvous() {
        Channel<String> channel = Channel.rendezvous();
        Channel<String> silent = Channel.rendezvous();
        List<String> events = new CopyOnWriteArrayList<>();
        run(() -> TaskGroup.run(group -> {
            group.start(() -> select(
                    onRun(silent.receiving(), events::add),
                    onRun(channel.receiving(), item -> events.add("got " + item))));
            group.start(() -> select(
                    on(channel.sending("it"), () -> {
                        events.add("sent");
                    }),
                    onRun(silent.receiving(), events::add)));
        }));
        assertThat(events).containsExactlyInAnyOrder("got it", "sent");
    }

    @Test
    void a_select_never_meets_itself() {
        Channel<String> channel = Channel.rendezvous();
        run(() -> TaskGroup.run(group -> {
            Task<String> both = group.start(() ->
                    select(on(channel.sending("own"), () -> "sent"), on(channel.receiving(), item -> "got " + item)));
            Until.receivers(channel, 1);
            Until.senders(channel, 1);
            assertThat(both.isDone()).isFalse();
            Task<String> partner = group.start(() -> select(
                    on(channel.sending("theirs"), () -> "sent"), on(channel.receiving(), item -> "got " + item)));
            List<String> results = List.of(both.await(), partner.await());
            assertThat(results).isIn(List.of("sent", "got own"), List.of("got theirs", "sent"));
            assertThat(channel.statistics()).isEqualTo(new Channel.Statistics(0, 0, 0, 0, false));
        }));
    }

    @Test
    void selects_with_the_same_channels_in_opposite_orders_do_not_block_each_other() {
        Channel<Integer> a = Channel.rendezvous();
        Channel<Integer> b = Channel.rendezvous();
        List<Integer> got = new CopyOnWriteArrayList<>();
        run(() -> TaskGroup.run(group -> {
            for (int i = 0; i < 20; i++) {
                int item = i;
                group.start(() -> select(on(a.sending(item), () -> {}), on(b.sending(item), () -> {})));
                group.start(() -> select(onRun(b.receiving(), got::add), onRun(a.receiving(), got::add)));
            }
        }));
        assertThat(got).hasSize(20).doesNotHaveDuplicates();
    }

    // ---------------------------------------------------------------- what others see

    @Test
    void a_listing_shows_all_that_it_waits_for() {
        Channel<String> pages = Channel.rendezvous("pages");
        Queue<String> jobs = Queue.fifo("jobs", 1);
        run(() -> TaskGroup.run(group -> {
            Task<?> other = group.start("other", () -> sleep(LONG));
            Task<String> selecting = group.start(() -> select(
                    on(pages.sending("x"), () -> "sent"),
                    on(jobs.getting(), job -> job),
                    on(other.awaiting(), () -> "over"),
                    after(LONG, () -> "late")));
            Until.holds(() -> allTasks().stream()
                    .flatMap(task -> task.waitingFor().stream())
                    .anyMatch(
                            "channel \"pages\" to have a taker, or queue \"jobs\" to have an item, or task \"other\", or the time PT1H"
                                    ::equals));
            selecting.cancel();
            other.cancel();
        }));
    }

    @Test
    void threads_that_are_no_tasks_can_use_it() {
        Channel<String> channel = Channel.rendezvous();
        Thread.ofPlatform().daemon().start(() -> channel.send("x"));
        String got = select(on(channel.receiving(), item -> item), after(LONG, () -> "late"));
        assertThat(got).isEqualTo("x");
    }

    @Test
    void bad_input_gets_a_clear_error() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Select.select())
                .withMessage("a select needs at least one branch, or it would wait for ever");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> select(otherwise(() -> 1), otherwise(() -> 2)))
                .withMessage("a select can have only one branch for \"otherwise\"");
        assertThatNullPointerException()
                .isThrownBy(
                        () -> on((Channel.<String>rendezvous()).receiving(), (dev.yibu.Action<RuntimeException>) null))
                .withMessage("body");
        assertThatNullPointerException().isThrownBy(() -> after(null, () -> 1)).withMessage("delay");
    }
}
