package dev.yibu.io;

import static dev.yibu.Async.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.yibu.Cancelled;
import dev.yibu.TaskGroup;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ManyFilesTest {
    @TempDir
    private Path folder;

    @AfterEach
    void nothing_is_left_open() {
        OpenFiles.untilNoneBelow(folder);
    }

    private Map<Path, byte[]> contents(int count) {
        Map<Path, byte[]> contents = new LinkedHashMap<>();
        Random random = new Random(1);
        for (int i = 0; i < count; i++) {
            byte[] bytes = new byte[i % 100 == 7 ? 600_000 : random.nextInt(2000)];
            random.nextBytes(bytes);
            contents.put(folder.resolve("file" + i), bytes);
        }
        return contents;
    }

    @Test
    void what_was_written_together_is_read_together_in_the_order_of_the_files() throws IOException {
        for (int concurrency : new int[] {1, 2, 8, 100}) {
            Map<Path, byte[]> contents = contents(1000);
            run(() -> AsyncFiles.writeAll(contents, concurrency));
            List<Path> paths = new ArrayList<>(contents.keySet());
            Collections.shuffle(paths, new Random(concurrency));

            List<byte[]> read = AsyncFiles.readAll(paths, concurrency);
            assertThat(read).hasSize(1000);
            for (int i = 0; i < 1000; i++) {
                assertThat(read.get(i)).isEqualTo(contents.get(paths.get(i)));
            }
        }
    }

    @Test
    void texts_are_written_and_read() throws IOException {
        Map<Path, String> texts = new LinkedHashMap<>();
        for (int i = 0; i < 200; i++) {
            texts.put(folder.resolve("file" + i), "第 " + i);
        }
        AsyncFiles.writeAllStrings(texts);

        assertThat(AsyncFiles.readAllStrings(texts.keySet())).containsExactlyElementsOf(texts.values());
        Files.write(folder.resolve("file99"), new byte[] {(byte) 0xFF});
        assertThatThrownBy(() -> AsyncFiles.readAllStrings(texts.keySet()))
                .isInstanceOf(MalformedTextException.class)
                .hasMessageContaining("file99: the bytes at offset 0");
    }

    @Test
    void nothing_is_nothing_and_the_same_file_may_come_twice() throws IOException {
        assertThat(AsyncFiles.readAll(List.of())).isEmpty();
        AsyncFiles.writeAll(Map.of());
        Path file = Files.writeString(folder.resolve("file"), "x");
        assertThat(AsyncFiles.readAllStrings(List.of(file, file))).containsExactly("x", "x");
        assertThatThrownBy(() -> AsyncFiles.readAll(List.of(file), 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("0");
    }

    @Test
    void the_first_failure_is_thrown_as_it_is() {
        List<Path> paths = new ArrayList<>(contents(300).keySet());
        assertThatThrownBy(() -> AsyncFiles.readAll(paths)).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> AsyncFiles.writeAllStrings(Map.of(folder.resolve("missing/file"), "x")))
                .isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> AsyncFiles.readAll(List.of(folder))).hasMessage(folder + ": Is a directory");
        assertThatThrownBy(() -> AsyncFiles.writeAllStrings(Map.of(folder.resolve("file"), "ok", folder, "\uD800")))
                .isInstanceOf(MalformedTextException.class);
        assertThat(folder.resolve("file")).doesNotExist();
    }

    @Test
    void a_cancelled_call_reads_and_writes_no_further_files() {
        Map<Path, byte[]> contents = contents(50);
        TaskGroup.run(group -> {
            group.cancel("enough");
            assertThat(catchThrowable(() -> AsyncFiles.writeAll(contents))).isInstanceOf(Cancelled.class);
            assertThat(catchThrowable(() -> AsyncFiles.readAll(contents.keySet())))
                    .isInstanceOf(Cancelled.class);
        });
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void one_that_hangs_does_not_hold_up_a_cancelled_caller_and_the_rest_is_not_read() throws IOException {
        try (Fifo fifo = Fifo.in(folder)) {
            List<Path> paths = new ArrayList<>(List.of(fifo.path));
            for (int i = 0; i < 1000; i++) {
                paths.add(Files.writeString(folder.resolve("file" + i), "x", StandardCharsets.UTF_8));
            }
            TaskGroup.run(group -> {
                var reader = group.start(() -> AsyncFiles.readAll(paths));
                Fifo.untilHanging("read0", 1);
                reader.cancel("enough");
                assertThatThrownBy(reader::await).isInstanceOf(CancellationException.class);
            });
            assertThat(Fifo.hanging("read0")).isEqualTo(1);
        }
    }
}
