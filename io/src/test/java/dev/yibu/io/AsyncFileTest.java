package dev.yibu.io;

import static dev.yibu.Async.run;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.Cancelled;
import dev.yibu.TaskGroup;
import dev.yibu.stream.AsyncIterable;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.NonReadableChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class AsyncFileTest {
    @TempDir
    private Path folder;

    @AfterEach
    void nothing_is_left_open() {
        OpenFiles.untilNoneBelow(folder);
    }

    private Path file(String content) throws IOException {
        return Files.writeString(folder.resolve("file"), content);
    }

    @Test
    void reads_go_on_where_the_last_one_ended_and_find_the_end() throws IOException {
        try (AsyncFile file = AsyncFiles.open(file("0123456789"))) {
            assertThat(new String(file.read(3), UTF_8)).isEqualTo("012");
            assertThat(file.position()).isEqualTo(3);
            assertThat(new String(file.readNBytes(2), UTF_8)).isEqualTo("34");
            assertThat(file.readString()).isEqualTo("56789");
            assertThat(file.read(3)).isEmpty();
            assertThat(file.readNBytes(3)).isEmpty();
            assertThat(file.readAllBytes()).isEmpty();
            assertThat(file.position()).isEqualTo(10);
            assertThat(file.path()).isEqualTo(folder.resolve("file"));
        }
    }

    @Test
    void any_mixture_of_reads_writes_and_moves_does_what_an_array_does() throws IOException {
        long seed = Long.getLong("yibu.seed", System.nanoTime());
        System.out.println("-Dyibu.seed=" + seed);
        Random random = new Random(seed);
        for (int round = 0; round < 20; round++) {
            byte[] model = new byte[random.nextInt(3 * Disk.CHUNK)];
            random.nextBytes(model);
            Path path = Files.write(folder.resolve("file"), model);
            int position = 0;
            try (AsyncFile file = AsyncFiles.open(path, READ, WRITE)) {
                for (int step = 0; step < 100; step++) {
                    int size = random.nextInt(5) == 0 ? 1 + random.nextInt(400_000) : 1 + random.nextInt(100);
                    switch (random.nextInt(5)) {
                        case 0 -> {
                            byte[] bytes = new byte[size];
                            random.nextBytes(bytes);
                            file.write(bytes);
                            model = Arrays.copyOf(model, Math.max(model.length, position + size));
                            System.arraycopy(bytes, 0, model, position, size);
                            position += size;
                        }
                        case 1 -> {
                            position = random.nextInt(model.length + 1);
                            file.position(position);
                        }
                        case 2 -> {
                            int cut = random.nextInt(model.length + 1);
                            if (random.nextInt(4) == 0) {
                                file.truncate(cut);
                                model = Arrays.copyOf(model, Math.min(model.length, cut));
                                position = Math.min(position, model.length);
                            }
                            assertThat(file.size()).isEqualTo(model.length);
                        }
                        default -> {
                            byte[] expected =
                                    Arrays.copyOfRange(model, position, Math.min(model.length, position + size));
                            assertThat(file.readNBytes(size)).isEqualTo(expected);
                            position += expected.length;
                        }
                    }
                    assertThat(file.position()).isEqualTo(position);
                }
            }
            assertThat(Files.readAllBytes(path)).isEqualTo(model);
        }
    }

    @Test
    void small_writes_are_collected_until_a_flush() throws IOException {
        Path path = folder.resolve("file");
        try (AsyncFile file = AsyncFiles.openForWrite(path)) {
            file.write("collected");
            assertThat(path).isEmptyFile();
            assertThat(file.position()).isEqualTo(9);
            file.flush();
            assertThat(path).hasContent("collected");
            file.write(" forced");
            file.force(true);
            assertThat(path).hasContent("collected forced");
            file.write(" closed");
        }
        assertThat(path).hasContent("collected forced closed");
    }

    @Test
    void a_cancelled_task_that_closes_still_writes_what_was_collected() throws IOException {
        Path path = folder.resolve("file");
        TaskGroup.run(group -> {
            try (AsyncFile file = AsyncFiles.openForWrite(path)) {
                file.write("collected");
                group.cancel("enough");
                assertThatThrownBy(() -> file.write(" and no more")).isInstanceOf(Cancelled.class);
            }
            assertThat(path).hasContent("collected");
        });
        assertThat(path).hasContent("collected");
    }

    @Test
    void a_thousand_small_writes_and_large_ones_arrive_in_order() throws IOException {
        Path path = folder.resolve("file");
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        Random random = new Random(7);
        try (AsyncFile file = AsyncFiles.openForWrite(path)) {
            for (int i = 0; i < 1000; i++) {
                byte[] bytes = new byte[i % 100 == 0 ? 700_000 : random.nextInt(300)];
                random.nextBytes(bytes);
                ByteBuffer buffer = i % 2 == 0
                        ? ByteBuffer.wrap(bytes)
                        : ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
                file.write(buffer);
                assertThat(buffer.hasRemaining()).isFalse();
                expected.write(bytes);
            }
        }
        assertThat(Files.readAllBytes(path)).isEqualTo(expected.toByteArray());
    }

    @Test
    void appending_goes_to_the_end_whoever_else_writes() throws IOException {
        Path path = file("old\n");
        try (AsyncFile file = AsyncFiles.openForAppend(path)) {
            assertThat(file.position()).isEqualTo(4);
            file.write("mine\n");
            AsyncFiles.append(path, "theirs\n");
        }
        assertThat(path).hasContent("old\ntheirs\nmine\n");
    }

    @Test
    void an_option_that_is_said_twice_counts_once() throws IOException {
        try (AsyncFile file = AsyncFiles.open(file("x"), READ, READ)) {
            assertThat(file.readString()).isEqualTo("x");
        }
    }

    @Test
    void what_it_was_not_opened_for_is_an_error() throws IOException {
        Path path = file("x");
        try (AsyncFile file = AsyncFiles.open(path)) {
            assertThatThrownBy(() -> file.write("y")).isInstanceOf(NonWritableChannelException.class);
        }
        try (AsyncFile file = AsyncFiles.openForWrite(path)) {
            assertThatThrownBy(() -> file.read(1)).isInstanceOf(NonReadableChannelException.class);
        }
        assertThatThrownBy(() -> AsyncFiles.open(folder.resolve("missing"))).isInstanceOf(NoSuchFileException.class);
        try (AsyncFile file = AsyncFiles.open(folder)) {
            assertThatThrownBy(() -> file.read(1))
                    .isInstanceOf(FileSystemException.class)
                    .hasMessage(folder + ": Is a directory");
        }
    }

    /** A fetch is several reads of the file system; what came before a failure is not lost with it. */
    @Test
    void a_read_that_fails_in_the_middle_of_a_fetch_comes_after_what_was_read_before() throws IOException {
        byte[] bytes = new byte[3 * Disk.CHUNK];
        new Random(3).nextBytes(bytes);
        Path path = Files.write(folder.resolve("file"), bytes);
        byte[] before = Arrays.copyOf(bytes, 2 * Disk.CHUNK);
        try (AsyncFile file = AsyncFiles.open(FaultyFiles.failingAfter(2).path(path))) {
            assertThat(file.read(bytes.length)).isEqualTo(before);
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> file.read(1))
                        .isInstanceOf(FileSystemException.class)
                        .hasMessage(path + ": Input/output error");
                assertThat(file.position()).isEqualTo(before.length);
            }
        }
        try (AsyncFile file = AsyncFiles.open(FaultyFiles.failingAfter(2).path(path))) {
            assertThatThrownBy(file::readAllBytes).hasMessage(path + ": Input/output error");
            assertThat(file.position()).as("nothing has been read").isZero();
            assertThat(file.readNBytes(before.length)).isEqualTo(before);
        }
    }

    @Test
    void bad_numbers_are_named() throws IOException {
        try (AsyncFile file = AsyncFiles.open(file("x"))) {
            assertThatThrownBy(() -> file.read(0))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("0");
            assertThatThrownBy(() -> file.readNBytes(-1)).hasMessageContaining("-1");
            assertThatThrownBy(() -> file.position(-2)).hasMessageContaining("-2");
            assertThatThrownBy(() -> file.truncate(-3)).hasMessageContaining("-3");
            assertThatThrownBy(() -> run(() -> file.chunks(0))).hasMessageContaining("0");
            assertThatThrownBy(() -> run(() -> file.lines(UTF_8, 0))).hasMessageContaining("0");
        }
    }

    @Test
    void a_closed_file_can_be_closed_again_but_not_used() throws IOException {
        AsyncFile file = AsyncFiles.open(file("x"), READ, WRITE);
        assertThat(file.isOpen()).isTrue();
        file.close();
        file.close();

        assertThat(file.isOpen()).isFalse();
        assertThatThrownBy(() -> file.read(1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(folder.resolve("file") + " is closed");
        assertThatThrownBy(() -> file.write("x")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(file::flush).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(file::size).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void a_full_disk_is_met_by_the_flush_or_by_the_close_and_the_file_is_closed_all_the_same() throws IOException {
        Path full = Path.of("/dev/full");
        AsyncFile file = AsyncFiles.open(full, WRITE);
        file.write("x");
        assertThatThrownBy(file::flush)
                .isInstanceOf(FileSystemException.class)
                .hasMessage("/dev/full: No space left on device");
        assertThatThrownBy(file::close)
                .isInstanceOf(FileSystemException.class)
                .hasMessage("/dev/full: No space left on device");
        assertThat(file.isOpen()).isFalse();
        assertThat(OpenFiles.below(full)).isEmpty();
        file.close();
    }

    @Test
    void chunks_are_full_but_for_the_last() throws IOException {
        byte[] bytes = new byte[1_000_000];
        new Random(3).nextBytes(bytes);
        Path path = Files.write(folder.resolve("file"), bytes);
        for (int size : new int[] {1000, 99_999, 1_000_000, 3_000_000}) {
            List<byte[]> chunks = run(() -> AsyncFiles.chunks(path, size).toList());

            assertThat(chunks.subList(0, chunks.size() - 1)).allMatch(chunk -> chunk.length == size);
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            chunks.forEach(all::writeBytes);
            assertThat(all.toByteArray()).isEqualTo(bytes);
        }
        assertThat(run(() ->
                        AsyncFiles.chunks(Files.write(path, new byte[0]), 10).toList()))
                .isEmpty();
    }

    @Test
    void an_iteration_over_an_open_file_goes_on_from_the_position_and_leaves_it_open() throws IOException {
        run(() -> {
            try (AsyncFile file = AsyncFiles.open(file("skip\none\ntwo\n"))) {
                file.readNBytes(5);
                List<String> lines = new ArrayList<>();
                try (AsyncIterable<String> rest = file.lines()) {
                    rest.forEach(lines::add);
                }
                assertThat(lines).containsExactly("one", "two");
                file.position(5);
                assertThat(file.chunks(4).toList()).hasSize(2);
                assertThat(file.isOpen()).isTrue();
            }
        });
    }

    @Test
    void a_pipe_has_no_positions() throws IOException {
        try (Fifo fifo = Fifo.in(folder);
                AsyncFile file = AsyncFiles.open(fifo.path)) {
            fifo.write("abc");
            assertThat(file.read(100)).hasSize(3);
            assertThat(file.position()).isEqualTo(3);
            assertThatThrownBy(() -> file.position(0))
                    .isInstanceOf(FileSystemException.class)
                    .hasMessageContaining("pipe");
        }
    }
}
