package dev.yibu.io;

import static dev.yibu.Async.clock;
import static dev.yibu.Async.moveOnAfter;
import static dev.yibu.Async.sleep;
import static dev.yibu.Async.timeout;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.TimeoutException;
import dev.yibu.testkit.CancelEverywhere;
import dev.yibu.testkit.Explore;
import dev.yibu.testkit.ForeignLatch;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A file system that hangs, in virtual time, under many schedules and cancelled anywhere. */
@Explore(seeds = 30)
@CancelEverywhere(schedules = 3)
class SlowFileTest {
    private final ForeignLatch opening = new ForeignLatch("an open that hangs");
    private final ForeignLatch reading = new ForeignLatch("a read that hangs");
    private final SlowFile slow = new SlowFile(opening, reading);
    private final Instant start = clock().instant();

    @AfterEach
    void what_was_opened_is_closed() {
        while (slow.open.get() > 0) {
            sleep(Duration.ofMillis(1));
        }
    }

    private Duration elapsed() {
        return Duration.between(start, clock().instant());
    }

    private interface Body {
        void run() throws IOException;
    }

    private void hangsUntilTheEndOf(Body body) throws IOException {
        try {
            body.run();
        } finally {
            opening.release();
            reading.release();
        }
    }

    @Test
    void a_deadline_leaves_an_open_behind_and_what_it_opens_is_closed() throws IOException {
        hangsUntilTheEndOf(() -> {
            assertThatThrownBy(() -> timeout(ofSeconds(1), () -> AsyncFiles.open(slow.path())))
                    .isInstanceOf(TimeoutException.class);
            assertThat(elapsed()).isEqualTo(ofSeconds(1));
            opening.release();
            while (slow.opened.get() == 0) {
                sleep(Duration.ofMillis(1));
            }
        });
    }

    @Test
    void a_deadline_leaves_a_read_behind_and_the_next_read_gets_what_it_has_read() throws IOException {
        hangsUntilTheEndOf(() -> {
            opening.release();
            try (AsyncFile file = AsyncFiles.open(slow.path())) {
                for (int i = 1; i <= 3; i++) {
                    assertThat(moveOnAfter(ofSeconds(1), () -> file.read(1), new byte[0]))
                            .isEmpty();
                    assertThat(elapsed()).isEqualTo(ofSeconds(i));
                }
                reading.release();
                assertThat(file.read(1)).containsExactly('x');
                assertThat(file.read(1)).isEmpty();
            }
        });
    }

    @Test
    void closing_does_not_wait_for_a_read_that_was_left_behind() throws IOException {
        hangsUntilTheEndOf(() -> {
            opening.release();
            AsyncFile file = AsyncFiles.open(slow.path());
            try (file) {
                assertThat(moveOnAfter(ofSeconds(1), () -> file.read(1), new byte[0]))
                        .isEmpty();
            }
            assertThat(elapsed()).isEqualTo(ofSeconds(1));
            assertThat(slow.open).hasValue(1);
        });
    }

    @Test
    void closing_does_not_wait_for_a_question_about_the_size_that_was_left_behind() throws IOException {
        hangsUntilTheEndOf(() -> {
            opening.release();
            AsyncFile file = AsyncFiles.open(slow.path());
            try (file) {
                assertThat(moveOnAfter(ofSeconds(1), () -> file.size(), -1L)).isEqualTo(-1);
            }
            assertThat(elapsed()).isEqualTo(ofSeconds(1));
            assertThat(slow.open).hasValue(1);
        });
    }

    @Test
    void a_question_about_the_size_that_was_left_behind_is_no_end_of_the_file() throws IOException {
        hangsUntilTheEndOf(() -> {
            opening.release();
            try (AsyncFile file = AsyncFiles.open(slow.path())) {
                assertThat(moveOnAfter(ofSeconds(1), () -> file.size(), -1L)).isEqualTo(-1);
                assertThat(moveOnAfter(ofSeconds(1), () -> file.read(1), new byte[0]))
                        .isEmpty();
                reading.release();
                assertThat(file.read(1)).containsExactly('x');
                assertThat(file.size()).isEqualTo(1);
                assertThat(file.position()).isEqualTo(1);
            }
        });
    }

    @Test
    void a_whole_file_is_left_behind_as_well() throws IOException {
        hangsUntilTheEndOf(() -> {
            opening.release();
            assertThatThrownBy(() -> timeout(ofSeconds(1), () -> AsyncFiles.readBytes(slow.path())))
                    .isInstanceOf(TimeoutException.class);
            assertThat(elapsed()).isEqualTo(ofSeconds(1));
        });
    }
}
