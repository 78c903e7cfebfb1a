package dev.yibu.sync;

import static dev.yibu.Async.run;
import static org.assertj.core.api.Assertions.assertThat;

import dev.yibu.TaskGroup;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A select begins to wait while an item comes; real threads meet there many times over. */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SelectRaceTest {
    private static final int ROUNDS = Integer.getInteger("yibu.rounds", 10_000);

    private final long seed = Long.getLong("yibu.seed", System.nanoTime());
    private final Random random = new Random(seed);

    private int delay() {
        return random.nextInt(1 << random.nextInt(9));
    }

    private static void spin(int times) {
        for (int i = 0; i < times; i++) {
            Thread.onSpinWait();
        }
    }

    @Test
    void an_item_that_comes_while_a_select_begins_to_wait_is_taken() {
        System.out.println("SelectRaceTest -Dyibu.seed=" + seed);
        run(() -> {
            Channel<Integer> channel = Channel.buffered(1);
            Channel<Integer> silent = Channel.buffered(1);
            for (int i = 0; i < ROUNDS; i++) {
                int item = i;
                int delay = delay();
                TaskGroup.run(group -> {
                    group.start(() -> {
                        spin(delay);
                        channel.send(item);
                    });
                    spin(delay());
                    int taken = Select.select(
                            Select.on(silent.receiving(), value -> value),
                            Select.on(channel.receiving(), value -> value));
                    assertThat(taken).isEqualTo(item);
                });
            }
        });
    }
}
