package dev.yibu.testkit;

import static dev.yibu.Async.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class FakesTest {

    @Test
    void a_manual_clock_stands_until_it_is_moved() {
        Instant start = Instant.parse("2026-01-01T00:00:00Z");
        ManualClock clock = new ManualClock(start);

        assertThat(clock.instant()).isEqualTo(start);
        clock.advance(Duration.ofSeconds(90));
        assertThat(clock.instant()).isEqualTo(start.plusSeconds(90));
        clock.set(start);
        assertThat(clock.instant()).isEqualTo(start);
        assertThatThrownBy(() -> clock.advance(Duration.ofSeconds(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("PT-1S");
    }

    @Test
    void a_flaky_coroutine_fails_as_often_as_it_is_told_whoever_runs_it() {
        Flaky<String, IOException> flaky = Flaky.failing(3, () -> new IOException("no"), () -> "yes");

        var outcomes = gatherOutcomes(flaky, flaky, flaky, flaky, flaky);

        assertThat(outcomes)
                .filteredOn(dev.yibu.Outcome.Failure.class::isInstance)
                .hasSize(3);
        assertThat(flaky.runs()).isEqualTo(5);
        assertThatThrownBy(() -> Flaky.failing(-1, () -> new IOException("no"), () -> "yes"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("-1");
    }

    @Test
    void a_tracked_resource_is_closed_once() {
        Tracked resource = Tracked.open("file");

        assertThat(resource.isOpen()).isTrue();
        resource.close();
        assertThat(resource.isOpen()).isFalse();
        assertThatThrownBy(resource::close)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("file is closed a second time");
    }

    @Test
    void outside_of_a_simulation_a_foreign_latch_is_a_plain_latch() throws InterruptedException {
        ForeignLatch latch = new ForeignLatch("a call");

        gather(() -> latch.await(), latch::release);
        assertThat(latch.isReleased()).isTrue();
        assertThatThrownBy(() -> timeout(Duration.ofMillis(1), () -> new ForeignLatch("another").await()))
                .isInstanceOf(dev.yibu.TimeoutException.class);
    }

    @Test
    void what_is_no_schedule_is_refused() {
        Exploration exploration = Exploration.of(() -> {});

        assertThatThrownBy(() -> exploration.replay("chance/3"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"chance/3\" is no schedule");
        assertThatThrownBy(() -> exploration.replay("priorities/3"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("lacks depth and steps");
        assertThatThrownBy(() -> exploration.seeds(1, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the number of seeds is 0; it has to be at least 1");
    }

    @Test
    void a_schedule_is_written_and_read_back() {
        for (String text : new String[] {
            "in-order/0", "random/-7", "priorities/17/3/250", "choices/1/0x3.2.1x12", "choices/5/", "random/3@12"
        }) {
            assertThat(Replayable.parse(text)).hasToString(text);
        }
    }
}
