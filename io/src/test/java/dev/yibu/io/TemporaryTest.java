package dev.yibu.io;

import static dev.yibu.Async.checkpoint;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.yibu.Cancelled;
import dev.yibu.TaskGroup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TemporaryTest {
    @TempDir
    private Path folder;

    @Test
    void a_file_and_a_folder_with_all_in_it_are_gone_after_their_blocks() throws IOException {
        Path file;
        Path tree;
        try (Temporary temporary = AsyncFiles.temporaryFile();
                Temporary other = AsyncFiles.temporaryFolder()) {
            file = temporary.path();
            tree = other.path();
            assertThat(file).isEmptyFile();
            Files.createDirectories(tree.resolve("a/b"));
            AsyncFiles.writeString(tree.resolve("a/b/file"), "x");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(tree)))
                    .isEqualTo("rwx------");
        }
        assertThat(file).doesNotExist();
        assertThat(tree).doesNotExist();
    }

    @Test
    void they_may_be_named_and_placed_and_gone_already() throws IOException {
        try (Temporary file = AsyncFiles.temporaryFile(folder, "pre", ".suf");
                Temporary tree = AsyncFiles.temporaryFolder(folder, "tree")) {
            assertThat(file.path().getFileName().toString()).startsWith("pre").endsWith(".suf");
            assertThat(file.path()).hasParent(folder);
            assertThat(tree.path().getFileName().toString()).startsWith("tree");
            Files.delete(file.path());
            Files.delete(tree.path());
        }
        assertThat(folder).isEmptyDirectory();
        assertThatThrownBy(() -> AsyncFiles.temporaryFile(folder.resolve("missing"), "a", "b"))
                .isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void a_cancelled_task_deletes_them_too() throws IOException {
        TaskGroup.run(group -> {
            try (Temporary tree = AsyncFiles.temporaryFolder(folder, "tree")) {
                AsyncFiles.writeString(tree.path().resolve("file"), "x");
                group.cancel("enough");
                assertThat(catchThrowable(() -> checkpoint())).isInstanceOf(Cancelled.class);
            }
            assertThat(folder).isEmptyDirectory();
        });
        assertThat(folder).isEmptyDirectory();
    }
}
