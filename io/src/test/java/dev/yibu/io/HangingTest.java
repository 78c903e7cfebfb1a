package dev.yibu.io;

import static dev.yibu.Async.gather;
import static dev.yibu.Async.moveOnAfter;
import static dev.yibu.Async.run;
import static dev.yibu.Async.sleep;
import static dev.yibu.Async.timeout;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.yibu.Cancelled;
import dev.yibu.Task;
import dev.yibu.TaskGroup;
import dev.yibu.TimeoutException;
import dev.yibu.stream.AsyncIterable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files that never answer: pipes from which nothing comes, or which nobody empties. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HangingTest {
    private static final Duration SHORT = Duration.ofMillis(20);

    @TempDir
    private Path folder;

    @AfterEach
    void nothing_is_left_open() {
        Fifo.untilHanging("read0", 0);
        OpenFiles.untilNoneBelow(folder);
    }

    @Test
    void sixty_four_reads_that_hang_stop_no_other_task_and_once_cancelled_no_other_file() throws IOException {
        Path healthy = Files.writeString(folder.resolve("healthy"), "healthy");
        try (Fifo fifo = Fifo.in(folder)) {
            TaskGroup.run(group -> {
                for (int i = 0; i < 64; i++) {
                    group.start(() -> AsyncFiles.readBytes(fifo.path));
                }
                Fifo.untilHanging("read0", 64);

                List<Integer> others = gather(IntStream.range(0, 1000).boxed().toList(), i -> {
                    sleep(Duration.ofMillis(1));
                    return i;
                });
                assertThat(others).hasSize(1000);
                Task<String> queued = group.start(() -> AsyncFiles.readString(healthy));
                assertThat(queued.isDone()).isFalse();
                group.cancel("enough");
            });
            assertThat(Fifo.hanging("read0")).isEqualTo(64);
            assertThat(AsyncFiles.readString(healthy)).isEqualTo("healthy");
        }
    }

    @Test
    void a_read_that_is_taken_back_from_the_queue_of_the_pool_has_not_happened() throws IOException {
        Path healthy = Files.writeString(folder.resolve("healthy"), "healthy");
        try (Fifo fifo = Fifo.in(folder);
                AsyncFile file = AsyncFiles.open(healthy)) {
            TaskGroup.run(group -> {
                for (int i = 0; i < 64; i++) {
                    group.start(() -> AsyncFiles.readBytes(fifo.path));
                }
                Fifo.untilHanging("read0", 64);
                assertThat(moveOnAfter(SHORT, () -> file.read(10), new byte[0])).isEmpty();
                group.cancel("enough");
            });
            assertThat(new String(file.read(10), StandardCharsets.UTF_8)).isEqualTo("healthy");
        }
    }

    @Test
    void a_deadline_gets_each_kind_of_read_back_at_once() throws IOException {
        Path closed = Fifo.closed(Files.createDirectories(folder.resolve("closed")));
        try (Fifo fifo = Fifo.in(folder)) {
            run(() -> {
                assertTimesOut(() -> AsyncFiles.readBytes(fifo.path));
                assertTimesOut(() -> AsyncFiles.readString(fifo.path));
                assertTimesOut(() -> AsyncFiles.readAll(List.of(fifo.path)));
                assertTimesOut(() -> AsyncFiles.lines(fifo.path).toList());
                assertTimesOut(() -> AsyncFiles.chunks(fifo.path, 10).toList());
                assertTimesOut(() -> {
                    try (AsyncFile file = AsyncFiles.open(fifo.path)) {
                        file.read(1);
                    }
                });
                assertTimesOut(() -> AsyncFiles.open(closed));
                assertTimesOut(() -> AsyncFiles.readBytes(closed));
            });
        } finally {
            Files.newByteChannel(closed, StandardOpenOption.WRITE, StandardOpenOption.READ)
                    .close(); // lets them go on
            Fifo.untilHanging("open0", 0);
        }
    }

    private interface Body {
        void run() throws IOException;
    }

    private static void assertTimesOut(Body body) {
        assertThatThrownBy(() -> timeout(SHORT, () -> body.run())).isInstanceOf(TimeoutException.class);
    }

    @Test
    void a_read_that_was_left_behind_is_joined_by_the_next_and_nothing_is_lost() throws IOException {
        try (Fifo fifo = Fifo.in(folder)) {
            run(() -> {
                try (AsyncFile file = AsyncFiles.open(fifo.path)) {
                    for (int i = 0; i < 300; i++) { // more often than calls may be left behind
                        assertThat(moveOnAfter(Duration.ofMillis(1), () -> file.read(10), new byte[0]))
                                .isEmpty();
                    }
                    Fifo.untilHanging("read0", 1);
                    assertThat(file.position()).isZero();

                    fifo.write("late");
                    Fifo.untilHanging("read0", 0);
                    assertThat(new String(file.read(2), StandardCharsets.UTF_8)).isEqualTo("la");
                    assertThat(new String(file.read(10), StandardCharsets.UTF_8))
                            .isEqualTo("te");
                    assertThat(file.position()).isEqualTo(4);
                }
            });
        }
    }

    @Test
    void a_long_read_that_is_cancelled_in_the_middle_has_not_happened() throws IOException {
        try (Fifo fifo = Fifo.in(folder)) {
            run(() -> {
                try (AsyncFile file = AsyncFiles.open(fifo.path)) {
                    fifo.write("first ");
                    assertThat(moveOnAfter(SHORT, () -> file.readNBytes(11), new byte[0]))
                            .isEmpty();
                    fifo.write("second");
                    assertThat(new String(file.readNBytes(12), StandardCharsets.UTF_8))
                            .isEqualTo("first second");
                }
            });
        }
    }

    @Test
    void an_iteration_goes_on_after_a_step_that_was_cancelled() throws IOException {
        try (Fifo fifo = Fifo.in(folder)) {
            run(() -> {
                try (AsyncIterable<String> lines = AsyncFiles.lines(fifo.path)) {
                    Iterator<String> iterator = lines.iterator();
                    fifo.write("one\ntw");
                    assertThat(iterator.next()).isEqualTo("one");
                    assertThat(moveOnAfter(SHORT, iterator::next, "nothing")).isEqualTo("nothing");
                    fifo.write("o\n");
                    assertThat(iterator.next()).isEqualTo("two");
                }
            });
        }
    }

    @Test
    void closing_does_not_wait_for_a_read_that_hangs_and_the_file_is_closed_when_that_ends() throws IOException {
        try (Fifo fifo = Fifo.in(folder)) {
            AsyncFile file = AsyncFiles.open(fifo.path);
            assertThat(moveOnAfter(SHORT, () -> file.read(1), new byte[0])).isEmpty();
            Fifo.untilHanging("read0", 1);
            file.close();

            assertThat(file.isOpen()).isFalse();
            assertThat(OpenFiles.below(folder))
                    .as("the pipe's own end, and the file")
                    .hasSize(2);
            fifo.write("x");
            Polling.until("the file is closed", () -> OpenFiles.below(folder).size() == 1);
        }
    }

    @Test
    void a_write_that_is_cancelled_finishes_the_chunk_in_hand_and_no_more() throws IOException {
        AtomicReference<Throwable> met = new AtomicReference<>();
        try (Fifo fifo = Fifo.in(folder)) {
            TaskGroup.run(group -> {
                Task<?> writer = group.start(() -> {
                    met.set(catchThrowable(() ->
                            AsyncFiles.writeBytes(fifo.path, new byte[4 * Disk.CHUNK], StandardOpenOption.WRITE)));
                    dev.yibu.Async.checkpoint();
                });
                Fifo.untilHanging("write0", 1);
                writer.cancel("enough");
                assertThat(writer.isDone()).isFalse();
                int read = 0;
                while (read < Disk.CHUNK) {
                    read += fifo.read(Disk.CHUNK - read);
                }
                assertThatThrownBy(writer::await).isInstanceOf(CancellationException.class);
            });
        }
        assertThat(met.get()).isInstanceOf(Cancelled.class);
    }

    @Test
    void a_write_that_is_cancelled_tells_how_far_it_has_come() throws IOException {
        try (Fifo fifo = Fifo.in(folder)) {
            TaskGroup.run(group -> {
                AsyncFile file = AsyncFiles.open(fifo.path, StandardOpenOption.WRITE);
                Task<?> writer = group.start(() -> file.write(new byte[4 * Disk.CHUNK]));
                Fifo.untilHanging("write0", 1);
                writer.cancel("enough");
                assertThatThrownBy(() -> file.write("x"))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("in the same moment");
                int read = 0;
                while (read < Disk.CHUNK) {
                    read += fifo.read(Disk.CHUNK - read);
                }
                assertThatThrownBy(writer::await).isInstanceOf(CancellationException.class);
                assertThat(file.position()).isEqualTo(Disk.CHUNK);
                file.close();
            });
        }
    }
}
