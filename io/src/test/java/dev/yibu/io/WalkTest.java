package dev.yibu.io;

import static dev.yibu.Async.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.stream.AsyncIterable;
import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WalkTest {
    @TempDir
    private Path folder;

    @AfterEach
    void nothing_is_left_open() {
        OpenFiles.untilNoneBelow(folder);
    }

    private List<Path> tree() throws IOException {
        for (int i = 0; i < 30; i++) {
            Path below = Files.createDirectories(folder.resolve("a" + i + "/b"));
            for (int j = 0; j < 30; j++) {
                Files.createFile(below.resolve("file" + j));
            }
        }
        try (Stream<Path> all = Files.walk(folder)) {
            return all.toList();
        }
    }

    @Test
    void it_finds_everything_folders_before_what_is_in_them() throws IOException {
        List<Path> all = tree();

        assertThat(run(() -> AsyncFiles.walk(folder).toList())).isEqualTo(all);
        assertThat(run(() -> AsyncFiles.walk(folder, 1).toList())).hasSize(31);
        assertThat(run(() -> AsyncFiles.walk(folder, 0).toList())).containsExactly(folder);
    }

    @Test
    void folders_are_read_while_somebody_asks() throws IOException {
        tree();
        run(() -> {
            try (AsyncIterable<Path> walk = AsyncFiles.walk(folder)) {
                Iterator<Path> entries = walk.iterator();
                assertThat(entries.next()).isEqualTo(folder);
                for (int i = 0; i < 10; i++) { // some of them have been read already
                    Files.createDirectories(folder.resolve("a" + i + "/b/new"));
                }
                assertThat(OpenFiles.below(folder)).isNotEmpty();
                List<Path> rest = new ArrayList<>();
                entries.forEachRemaining(rest::add);
                assertThat(rest).hasSizeGreaterThan(30 + 30 + 900);
            }
        });
    }

    @Test
    void links_are_entries_unless_they_are_to_be_followed() throws IOException {
        Path target = Files.createDirectories(folder.resolve("target"));
        Files.createFile(target.resolve("file"));
        Path start = Files.createDirectories(folder.resolve("start"));
        Files.createSymbolicLink(start.resolve("link"), target);

        assertThat(run(() -> AsyncFiles.walk(start).toList())).hasSize(2);
        assertThat(run(() ->
                        AsyncFiles.walk(start, FileVisitOption.FOLLOW_LINKS).toList()))
                .containsExactly(start, start.resolve("link"), start.resolve("link/file"));
    }

    @Test
    void a_link_that_leads_back_ends_the_walk_with_an_error_after_what_came_before() throws IOException {
        Path start = Files.createDirectories(folder.resolve("start"));
        Files.createSymbolicLink(start.resolve("link"), start);
        List<Path> found = new ArrayList<>();

        assertThat(run(() -> AsyncFiles.walk(start).toList())).hasSize(2);
        assertThatThrownBy(() -> run(() -> {
                    for (Path path : AsyncFiles.walk(start, FileVisitOption.FOLLOW_LINKS)) {
                        found.add(path);
                    }
                }))
                .isInstanceOf(FileSystemLoopException.class);
        assertThat(found).containsExactly(start);
    }

    @Test
    void a_walk_that_is_left_is_closed_with_its_scope() throws IOException {
        tree();
        run(() -> {
            for (Path path : AsyncFiles.walk(folder)) {
                assertThat(path).isEqualTo(folder);
                break;
            }
        });
        assertThat(OpenFiles.below(folder)).isEmpty();
    }

    @Test
    void bad_starts_are_told_at_once() {
        assertThatThrownBy(() -> run(() -> AsyncFiles.walk(folder.resolve("missing"))))
                .isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> run(() -> AsyncFiles.walk(folder, -1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("-1");
        assertThatThrownBy(() -> AsyncFiles.walk(folder)).isInstanceOf(IllegalStateException.class);
    }
}
