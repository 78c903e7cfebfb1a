package dev.yibu.io;

import static dev.yibu.Async.moveOnAfter;
import static dev.yibu.Async.run;
import static dev.yibu.Async.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.yibu.Task;
import dev.yibu.TaskGroup;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ReplaceTest {
    @TempDir
    private Path folder;

    @AfterEach
    void nothing_is_left() throws IOException {
        OpenFiles.untilNoneBelow(folder);
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).allMatch(file -> !file.getFileName().toString().endsWith(".tmp"));
        }
    }

    @Test
    void the_new_content_takes_the_place_of_the_old_one() throws IOException {
        Path file = folder.resolve("file");
        AsyncFiles.replaceString(file, "one");
        assertThat(file).hasContent("one");
        AsyncFiles.replaceBytes(file, new byte[] {'t', 'w', 'o'});
        assertThat(file).hasContent("two");
        AsyncFiles.replace(file, out -> {
            out.write("thr");
            assertThat(file).hasContent("two");
            out.write("ee");
        });
        assertThat(file).hasContent("three");
    }

    @Test
    void permissions_stay_and_those_of_a_new_file_are_the_usual_ones() throws IOException {
        Path file = folder.resolve("file");
        Path usual = Files.createFile(folder.resolve("usual"));
        AsyncFiles.replaceString(file, "one");
        assertThat(Files.getPosixFilePermissions(file)).isEqualTo(Files.getPosixFilePermissions(usual));

        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rwx"));
        AsyncFiles.replaceString(file, "two");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-rw-rwx");
    }

    @Test
    void what_a_link_leads_to_is_replaced_and_the_link_stays() throws IOException {
        Path file = folder.resolve("file");
        Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("file"));
        AsyncFiles.replaceString(link, "created");
        assertThat(file).hasContent("created");
        AsyncFiles.replaceString(link, "replaced");

        assertThat(link).isSymbolicLink().hasContent("replaced");
        assertThat(file).hasContent("replaced");
    }

    @Test
    void a_failure_leaves_the_old_content() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "old");
        IllegalStateException failure = new IllegalStateException("no more");
        assertThatThrownBy(() -> AsyncFiles.replace(file, out -> {
                    out.write("new".repeat(100_000));
                    throw failure;
                }))
                .isSameAs(failure);
        assertThatThrownBy(() -> AsyncFiles.replaceString(file, "\uDC00")).isInstanceOf(MalformedTextException.class);
        assertThat(file).hasContent("old");

        Path below = Files.createDirectory(folder.resolve("below"));
        assertThatThrownBy(() -> AsyncFiles.replaceString(below, "new")).isInstanceOf(FileSystemException.class);
        assertThatThrownBy(() -> AsyncFiles.replaceString(folder.resolve("missing/file"), "new"))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining(folder.resolve("missing/file") + ": its folder does not exist");
    }

    @Test
    void a_folder_that_can_not_be_opened_is_found_out_before_anything_has_changed() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "old");
        Path odd = new FaultyFiles((path, _) -> {
                    if (Files.isDirectory(path)) {
                        throw new AccessDeniedException(path.toString());
                    }
                    return path;
                })
                .path(file);

        assertThatThrownBy(() -> AsyncFiles.replaceString(odd, "new")).isInstanceOf(AccessDeniedException.class);
        assertThat(file).hasContent("old");
        assertThatThrownBy(() -> AsyncFiles.replace(odd, out -> out.write("new")))
                .isInstanceOf(AccessDeniedException.class);
        assertThat(file).hasContent("old");
    }

    @Test
    void a_folder_that_can_not_be_brought_to_the_disk_is_an_error_which_says_that_the_new_content_is_there()
            throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "old");
        Path nothingToForce = Path.of("/dev/null");
        Path odd = new FaultyFiles((path, _) -> Files.isDirectory(path) ? nothingToForce : path).path(file);

        assertThatThrownBy(() -> AsyncFiles.replaceString(odd, "new"))
                .isInstanceOf(FileSystemException.class)
                .hasMessageStartingWith(file + ": it has its new content, but");
        assertThat(file).hasContent("new");
        assertThatThrownBy(() -> AsyncFiles.replace(odd, out -> out.write("newer")))
                .hasMessageStartingWith(file + ": it has its new content, but");
        assertThat(file).hasContent("newer");
    }

    @Test
    void a_cancel_before_the_end_leaves_the_old_content() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "old");
        boolean finished = run(() -> moveOnAfter(
                Duration.ofMillis(20),
                () -> AsyncFiles.replace(file, out -> {
                    out.write("new".repeat(100_000));
                    sleep(Duration.ofHours(1));
                })));

        assertThat(finished).isFalse();
        assertThat(file).hasContent("old");
    }

    @Test
    void readers_find_one_content_or_the_other_while_replacements_are_cancelled_anywhere() throws IOException {
        long seed = Long.getLong("yibu.seed", System.nanoTime());
        System.out.println("-Dyibu.seed=" + seed);
        Random random = new Random(seed);
        Path file = Files.writeString(folder.resolve("file"), "a".repeat(1_000_000));
        List<String> contents = new ArrayList<>();
        TaskGroup.run(group -> {
            for (int i = 0; i < 50; i++) {
                String content = (i % 2 == 0 ? "b" : "c").repeat(1_000_000);
                Task<?> task = group.start(() -> AsyncFiles.replaceString(file, content));
                if (random.nextBoolean()) {
                    sleep(Duration.ofNanos(random.nextInt(3_000_000)));
                }
                task.cancel();
                contents.add(AsyncFiles.readString(file));
                Throwable thrown = catchThrowable(task::await);
                assertThat(thrown == null || thrown instanceof CancellationException)
                        .isTrue();
            }
        });

        assertThat(contents)
                .allMatch(content ->
                        content.length() == 1_000_000 && content.chars().allMatch(c -> c == content.charAt(0)));
    }
}
