package dev.yibu.sync;

import static dev.yibu.Async.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.Task;
import dev.yibu.TaskGroup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BarrierTest {
    private final Barrier barrier = Barrier.of(3, "start line");
    private final List<String> messages = Collections.synchronizedList(new ArrayList<>());

    private void untilWaiting(int count) {
        Until.waiting(() -> barrier.statistics().waiting(), count);
    }

    private Task<?> party(TaskGroup group, String name) {
        return group.start(name, () -> {
            try {
                barrier.await();
            } catch (BrokenException e) {
                messages.add(e.getMessage());
            }
        });
    }

    @Test
    void all_parties_go_on_when_the_last_has_arrived_and_each_gets_its_place() {
        List<Integer> places = Collections.synchronizedList(new ArrayList<>());
        run(() -> TaskGroup.run(group -> {
            for (int i = 0; i < 2; i++) {
                group.start(() -> {
                    places.add(barrier.await());
                });
                untilWaiting(i + 1);
            }
            assertThat(places).isEmpty();
            assertThat(barrier.await()).isEqualTo(2);
        }));
        assertThat(places).containsExactlyInAnyOrder(0, 1);
        assertThat(barrier.statistics()).isEqualTo(new Barrier.Statistics(3, 0, 1, false));
    }

    @Test
    void generations_do_not_mix() {
        int rounds = 20;
        AtomicInteger[] arrived = new AtomicInteger[rounds];
        for (int i = 0; i < rounds; i++) {
            arrived[i] = new AtomicInteger();
        }
        run(() -> TaskGroup.run(group -> {
            for (int i = 0; i < 3; i++) {
                group.start(() -> {
                    for (int round = 0; round < rounds; round++) {
                        arrived[round].incrementAndGet();
                        barrier.await();
                        assertThat(arrived[round]).hasValue(3);
                    }
                });
            }
        }));
        assertThat(barrier.statistics()).isEqualTo(new Barrier.Statistics(3, 0, rounds, false));
    }

    @Test
    void a_barrier_for_one_holds_nobody_up() {
        Barrier one = Barrier.of(1);
        run(() -> {
            assertThat(one.await()).isZero();
            assertThat(one.await()).isZero();
        });
    }

    @Test
    void a_party_that_is_cancelled_while_it_waits_breaks_it_for_the_others() {
        run(() -> TaskGroup.run(group -> {
            Task<?> cancelled = party(group, "dropout");
            untilWaiting(1);
            party(group, "other");
            untilWaiting(2);
            cancelled.cancel();
            assertThatThrownBy(cancelled::await).isInstanceOf(CancellationException.class);
        }));

        String message =
                "barrier \"start line\" is broken: task \"dropout\" was cancelled while it waited for the others";
        assertThat(messages).containsExactly(message);
        assertThat(barrier.statistics().broken()).isTrue();
        run(() -> assertThatThrownBy(barrier::await)
                .isInstanceOf(BrokenException.class)
                .hasMessage(message));
    }

    @Test
    void a_party_that_is_cancelled_before_it_arrives_does_not_arrive() {
        AtomicBoolean met = new AtomicBoolean();
        run(() -> TaskGroup.run(group -> group.start(() -> {
            currentTask().cancel();
            met.set(Until.isCancelledAt(barrier::await));
        })));
        assertThat(met).isTrue();
        assertThat(barrier.statistics()).isEqualTo(new Barrier.Statistics(3, 0, 0, false));
    }

    @Test
    void parties_that_are_cancelled_together_fail_with_nothing_but_that() {
        assertThat(moveOnAfter(
                        Until.LONG,
                        () -> TaskGroup.run(group -> {
                            group.start(() -> barrier.await());
                            group.start(() -> barrier.await());
                            untilWaiting(2);
                            deadline().reschedule(Duration.ZERO);
                        })))
                .isFalse();
        assertThat(barrier.statistics().broken()).isTrue();
    }

    @Test
    void if_all_had_arrived_before_the_cancel_it_holds() {
        AtomicBoolean passed = new AtomicBoolean();
        AtomicBoolean metLater = new AtomicBoolean();
        run(() -> TaskGroup.run(group -> {
            Task<?> first = group.start(() -> {
                barrier.await();
                passed.set(true);
                metLater.set(Until.isCancelledAt(() -> sleep(Until.LONG)));
            });
            untilWaiting(1);
            party(group, "second");
            untilWaiting(2);
            barrier.await();
            first.cancel();
        }));
        assertThat(passed).isTrue();
        assertThat(metLater).isTrue();
        assertThat(messages).isEmpty();
        assertThat(barrier.statistics().broken()).isFalse();
    }

    @Test
    void reset_makes_it_whole_and_turns_away_those_who_wait() {
        run(() -> TaskGroup.run(group -> {
            party(group, "early");
            untilWaiting(1);
            barrier.reset();
            Until.holds(() -> messages.size() == 1);
            barrier.abort();
            barrier.reset();
            for (int i = 0; i < 3; i++) {
                party(group, "p" + i);
            }
        }));
        assertThat(messages).containsExactly("barrier \"start line\" was reset");
        assertThat(barrier.statistics()).isEqualTo(new Barrier.Statistics(3, 0, 3, false));
    }

    @Test
    void abort_breaks_it_for_all_until_it_is_reset() {
        run(() -> TaskGroup.run(group -> {
            party(group, "early");
            untilWaiting(1);
            barrier.abort();
            barrier.abort();
            party(group, "late");
        }));
        String message = "barrier \"start line\" is broken: it was aborted";
        assertThat(messages).containsExactly(message, message);
    }

    @Test
    void bad_arguments_and_names() {
        assertThatIllegalArgumentException().isThrownBy(() -> Barrier.of(0)).withMessageContaining("0 parties");
        assertThatIllegalArgumentException().isThrownBy(() -> Barrier.of(-1, "x"));
        assertThatNullPointerException().isThrownBy(() -> Barrier.of(1, null)).withMessage("name");
        assertThat(Barrier.of(1)).hasToString("barrier");
    }
}
