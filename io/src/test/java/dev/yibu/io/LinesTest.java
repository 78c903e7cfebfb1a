package dev.yibu.io;

import static dev.yibu.Async.run;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.stream.AsyncIterable;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
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
class LinesTest {
    @TempDir
    private Path folder;

    @AfterEach
    void nothing_is_left_open() {
        OpenFiles.untilNoneBelow(folder);
    }

    private Path file(String content, Charset charset) throws IOException {
        return Files.writeString(folder.resolve("file"), content, charset);
    }

    @Test
    void lines_are_those_of_the_jdk() throws IOException {
        for (String content :
                List.of("", "\n", "a", "a\n", "a\nb", "a\r\nb\r\n", "a\rb\r", "\r\n\r\n", "a\n\nb\r\r\nc")) {
            Path path = file(content, UTF_8);

            assertThat(run(() -> AsyncFiles.lines(path).toList())).isEqualTo(Files.readAllLines(path));
        }
    }

    @Test
    void lines_across_chunks_are_whole_in_every_charset() throws IOException {
        StringBuilder text = new StringBuilder();
        Random random = new Random(5);
        String[] ends = {"\n", "\r\n", "\r"};
        while (text.length() < 400_000) {
            text.append("x世é\uD83D\uDE00".repeat(random.nextInt(random.nextInt(20) == 0 ? 5000 : 20)));
            text.append(ends[random.nextInt(3)]);
        }
        for (Charset charset : new Charset[] {UTF_8, StandardCharsets.UTF_16, Charset.forName("GB18030")}) {
            Path path = file(text.toString(), charset);

            assertThat(run(() -> AsyncFiles.lines(path, charset).toList()))
                    .as(charset.name())
                    .isEqualTo(Files.readAllLines(path, charset));
        }
    }

    @Test
    void a_return_at_the_end_of_a_chunk_is_one_line_end_with_the_new_line_after_it() throws IOException {
        String first = "x".repeat(AsyncFile.FIRST_FETCH - 1);
        Path path = file(first + "\r\nsecond\r\n", UTF_8);

        assertThat(run(() -> AsyncFiles.lines(path).toList())).containsExactly(first, "second");
    }

    @Test
    void malformed_input_is_an_error_after_the_lines_before_it() throws IOException {
        byte[] bytes = "one\ntwo\nthr\n".getBytes(UTF_8);
        bytes[10] = (byte) 0xFF;
        Path path = Files.write(folder.resolve("file"), bytes);
        List<String> read = new ArrayList<>();

        assertThatThrownBy(() -> run(() -> {
                    for (String line : AsyncFiles.lines(path)) {
                        read.add(line);
                    }
                }))
                .isInstanceOf(MalformedTextException.class)
                .hasMessageContaining("offset 10, in line 3");
        assertThat(read).containsExactly("one", "two");
        Files.write(path, Arrays.copyOf("é\né".getBytes(UTF_8), 4));
        assertThatThrownBy(() -> run(() -> AsyncFiles.lines(path).toList()))
                .as("cut off in a character")
                .isInstanceOf(MalformedTextException.class)
                .hasMessageContaining("offset 3, in line 2");
    }

    @Test
    void a_line_may_be_huge_but_not_longer_than_allowed() throws IOException {
        String huge = "y".repeat(3_000_000);
        Path path = file("short\n" + huge + "\nshort\n", UTF_8);

        assertThat(run(() -> AsyncFiles.lines(path).toList())).containsExactly("short", huge, "short");
        assertThat(run(() -> AsyncFiles.lines(path, UTF_8, 3_000_000).toList())).hasSize(3);
        List<String> read = new ArrayList<>();
        assertThatThrownBy(
                        () -> run(() -> AsyncFiles.lines(path, UTF_8, 2_999_999).each(read::add)))
                .isInstanceOf(FileSystemException.class)
                .hasMessageContaining("line 2 has more than 2999999 characters");
        assertThat(read).containsExactly("short");
    }

    @Test
    void what_has_no_line_ends_is_an_error_and_does_not_fill_the_memory() {
        assertThatThrownBy(
                        () -> run(() -> AsyncFiles.lines(Path.of("/dev/zero")).toList()))
                .isInstanceOf(FileSystemException.class)
                .hasMessageContaining("/dev/zero: line 1 has more than 16777216 characters");
        assertThat(OpenFiles.below(Path.of("/dev/zero"))).isEmpty();
    }

    @Test
    void the_file_is_closed_by_the_close_by_the_end_and_by_the_end_of_the_scope() throws IOException {
        Path path = file("one\ntwo\n", UTF_8);
        run(() -> {
            try (AsyncIterable<String> lines = AsyncFiles.lines(path)) {
                assertThat(lines.iterator().next()).isEqualTo("one");
                assertThat(OpenFiles.below(folder)).hasSize(1);
            }
            assertThat(OpenFiles.below(folder)).isEmpty();

            AsyncFiles.lines(path).toList();
            assertThat(OpenFiles.below(folder)).isEmpty();

            run(() -> {
                for (String line : AsyncFiles.lines(path)) {
                    assertThat(line).isEqualTo("one");
                    break;
                }
                assertThat(OpenFiles.below(folder)).hasSize(1);
            });
            assertThat(OpenFiles.below(folder)).isEmpty();
        });
    }

    @Test
    void a_missing_file_or_scope_is_told_at_once_and_leaves_nothing_open() throws IOException {
        assertThatThrownBy(() -> run(() -> AsyncFiles.lines(folder.resolve("missing"))))
                .isInstanceOf(NoSuchFileException.class);
        Path path = file("x", UTF_8);
        assertThatThrownBy(() -> AsyncFiles.lines(path)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> run(() -> AsyncFiles.lines(path, UTF_8, 0)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
