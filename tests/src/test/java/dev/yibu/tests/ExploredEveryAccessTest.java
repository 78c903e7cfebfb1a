package dev.yibu.tests;

import static dev.yibu.Async.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.TaskGroup;
import dev.yibu.TimeoutException;
import dev.yibu.sync.Channel;
import dev.yibu.sync.Mutex;
import dev.yibu.sync.Semaphore;
import dev.yibu.testkit.Explore;
import dev.yibu.testkit.ForeignLatch;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The engine itself, preempted between any two accesses of its own. */
@Explore(
        seeds = 20_000,
        everywhere = true,
        everyAccessOf = {"dev.yibu", "dev.yibu.lowlevel", "dev.yibu.sync", "dev.yibu.stream"})
class ExploredEveryAccessTest {

    @Test
    void a_gather_is_joined() {
        assertThat(run(() -> gather(() -> 1, () -> 2, () -> 3))).containsExactly(1, 2, 3);
    }

    @Test
    void a_failing_child_is_what_its_group_throws() {
        assertThatThrownBy(() -> run(() -> TaskGroup.run(group -> {
                    group.start(() -> sleep(Duration.ofSeconds(5)));
                    group.start(() -> {
                        throw new IOException("x");
                    });
                })))
                .isInstanceOf(IOException.class);
    }

    @Test
    void a_timeout_and_a_value_of_the_same_instant_have_one_winner() {
        run(() -> {
            List<String> seen = new ArrayList<>();
            try {
                timeout(Duration.ofSeconds(1), () -> {
                    sleep(Duration.ofSeconds(1));
                    seen.add("value");
                });
            } catch (TimeoutException e) {
                seen.add("timeout");
            }
            assertThat(seen).hasSize(1);
            sleep(Duration.ofSeconds(1));
        });
    }

    @Test
    void a_cancel_ends_foreign_code_and_leaves_no_flag() throws InterruptedException {
        run(() -> TaskGroup.run(group -> {
            ForeignLatch call = new ForeignLatch("call");
            var task = group.start(() -> {
                call.await();
                return null;
            });
            checkpoint();
            task.cancel("enough");
        }));
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void two_deadlines_of_the_same_instant_cancel_what_is_in_them_and_nothing_else() {
        run(() -> {
            moveOnAfter(
                    Duration.ofSeconds(1),
                    () -> moveOnAfter(Duration.ofSeconds(1), () -> sleep(Duration.ofSeconds(1))));
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
            checkpoint();
        });
    }

    @Test
    void permits_and_mutexes_are_neither_lost_nor_shared() {
        run(() -> {
            Semaphore two = Semaphore.bounded(2);
            Mutex one = Mutex.create();
            int[] inside = new int[1];
            TaskGroup.run(group -> {
                for (int i = 0; i < 3; i++) {
                    var task = group.start(() -> {
                        try (var _ = two.hold();
                                var _ = one.hold()) {
                            try {
                                assertThat(++inside[0]).isEqualTo(1);
                                checkpoint();
                            } finally {
                                inside[0]--;
                            }
                        }
                    });
                    if (i == 1) {
                        task.cancel("enough");
                    }
                }
            });
            assertThat(two.statistics().available()).isEqualTo(2);
        });
    }

    @Test
    void a_channel_loses_nothing() {
        run(() -> {
            Channel<Integer> channel = Channel.rendezvous();
            List<Integer> got = new ArrayList<>();
            gather(
                    () -> {
                        channel.send(1);
                        channel.send(2);
                        channel.close();
                    },
                    () -> {
                        for (int item : channel) {
                            got.add(item);
                        }
                    });
            assertThat(got).containsExactly(1, 2);
        });
    }
}
