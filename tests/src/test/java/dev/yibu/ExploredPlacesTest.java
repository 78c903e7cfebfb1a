package dev.yibu;

import static dev.yibu.Async.checkpoint;
import static dev.yibu.Async.gather;
import static org.assertj.core.api.Assertions.assertThat;

import dev.yibu.lowlevel.Context;
import dev.yibu.lowlevel.Strand;
import dev.yibu.testkit.CancelEverywhere;
import dev.yibu.testkit.Explore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Calls that start calls, with one place for all: they get on, and a place is lent to one at a time. */
@Explore(seeds = 200, everywhere = true)
@CancelEverywhere(schedules = 3)
class ExploredPlacesTest {
    private final Places places = new Places(1, "a place");
    private final int[] running = new int[3];
    private int ended;

    private int call(int level) {
        Strand self = Strand.current();
        Context before = self.context();
        Places.Place place = places.acquire(self);
        self.context(place.in(before));
        try {
            assertThat(++running[level]).isEqualTo(1);
            checkpoint();
            if (level + 1 < running.length) {
                gather(() -> call(level + 1), () -> call(level + 1));
            }
            ended++;
            return level;
        } finally {
            running[level]--;
            self.context(before);
            places.release(place);
        }
    }

    @Test
    void calls_with_calls_inside_share_one_place() {
        gather(() -> call(0), () -> call(0));
        assertThat(ended).isEqualTo(14);
    }

    @Test
    void a_call_that_is_cancelled_leaves_the_place_to_others() {
        TaskGroup.run(group -> {
            Task<?> doomed = group.start("doomed", () -> call(0));
            group.start("other", () -> call(0));
            checkpoint();
            doomed.cancel("enough");
        });
        assertThat(ended).isBetween(7, 14);
    }

    @AfterEach
    void the_place_is_back() {
        Async.shield(java.time.Duration.ofHours(1), () -> {
            assertThat(call(2)).isEqualTo(2);
        });
    }
}
