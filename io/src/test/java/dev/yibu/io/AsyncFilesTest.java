package dev.yibu.io;

import static dev.yibu.Async.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class AsyncFilesTest {
    private static final Path FULL = Path.of("/dev/full");

    @TempDir
    private Path folder;

    @AfterEach
    void nothing_is_left_open() {
        OpenFiles.untilNoneBelow(folder);
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(42).nextBytes(bytes);
        return bytes;
    }

    // ---------------------------------------------------------------- whole files

    @Test
    void what_was_written_is_read_whatever_its_size() throws IOException {
        for (int size : new int[] {0, 1, 4096, 8192, 8193, Disk.CHUNK - 1, Disk.CHUNK, Disk.CHUNK + 1, 3_000_000}) {
            Path file = folder.resolve("bytes" + size);
            byte[] bytes = random(size);
            AsyncFiles.writeBytes(file, bytes);

            assertThat(Files.readAllBytes(file)).isEqualTo(bytes);
            assertThat(AsyncFiles.readBytes(file)).isEqualTo(bytes);
        }
    }

    @Test
    void it_works_inside_a_run_and_outside() throws IOException {
        Path file = folder.resolve("text");
        run(() -> AsyncFiles.writeString(file, "in"));

        assertThat(AsyncFiles.readString(file) + run(() -> AsyncFiles.readString(file)))
                .isEqualTo("inin");
    }

    @Test
    void a_file_without_a_size_is_read_to_its_end() throws IOException {
        Path meminfo = Path.of("/proc/self/status");
        assertThat(Files.size(meminfo)).isZero();

        assertThat(AsyncFiles.readString(meminfo)).startsWith("Name:").contains("Threads:");
    }

    @Test
    void a_file_shorter_than_its_size_is_read_to_its_end() throws IOException {
        Path claims4096 = Path.of("/sys/kernel/mm/transparent_hugepage/enabled");
        if (Files.exists(claims4096)) {
            assertThat(AsyncFiles.readString(claims4096)).contains("madvise").hasSizeLessThan(100);
        }
    }

    @Test
    void writing_replaces_what_was_there_and_options_say_otherwise() throws IOException {
        Path file = folder.resolve("text");
        AsyncFiles.writeString(file, "something long");
        AsyncFiles.writeString(file, "short");
        assertThat(file).hasContent("short");

        AsyncFiles.writeString(file, "S", StandardOpenOption.WRITE);
        assertThat(file).hasContent("Short");

        AsyncFiles.writeBytes(file, new byte[] {'!'}, StandardOpenOption.APPEND);
        assertThat(file).hasContent("Short!");
        assertThatThrownBy(() -> AsyncFiles.writeString(file, "x", StandardOpenOption.CREATE_NEW))
                .isInstanceOf(FileAlreadyExistsException.class);
        assertThatThrownBy(() -> AsyncFiles.writeString(file, "x", StandardOpenOption.READ))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("READ");
    }

    @Test
    void appending_creates_the_file_and_then_adds_to_it() throws IOException {
        Path file = folder.resolve("log");
        AsyncFiles.append(file, "one\n");
        AsyncFiles.append(file, "zwei — 二\n".getBytes(StandardCharsets.UTF_8));

        assertThat(AsyncFiles.readString(file)).isEqualTo("one\nzwei — 二\n");
    }

    @Test
    void text_is_read_and_written_in_any_charset() throws IOException {
        String text = "Grüße, 世界, \uD83D\uDE00, \uFFFD";
        for (Charset charset : new Charset[] {
            StandardCharsets.UTF_8, StandardCharsets.UTF_16, StandardCharsets.UTF_16LE, Charset.forName("GB18030")
        }) {
            Path file = folder.resolve(charset.name());
            AsyncFiles.writeString(file, text, charset);

            assertThat(Files.readAllBytes(file)).isEqualTo(text.getBytes(charset));
            assertThat(AsyncFiles.readString(file, charset)).as(charset.name()).isEqualTo(text);
        }
    }

    @Test
    void malformed_text_is_an_error_that_says_where() throws IOException {
        Path file = folder.resolve("text");
        byte[] head = "ok\n\uFFFD ok\n".repeat(3000).getBytes(StandardCharsets.UTF_8);
        byte[] bytes = Arrays.copyOf(head, head.length + 2);
        bytes[head.length] = (byte) 0xC3;
        bytes[head.length + 1] = '!';
        Files.write(file, bytes);

        assertThatThrownBy(() -> AsyncFiles.readString(file))
                .isInstanceOfSatisfying(
                        MalformedTextException.class,
                        e -> assertThat(e.offset()).isEqualTo(head.length))
                .hasMessage(file + ": the bytes at offset " + head.length
                        + ", in line 6001, are not UTF-8; name the charset that the file has");
        Files.write(file, Arrays.copyOf(bytes, head.length + 1));
        assertThatThrownBy(() -> AsyncFiles.readString(file))
                .as("cut off in a character")
                .isInstanceOfSatisfying(
                        MalformedTextException.class,
                        e -> assertThat(e.offset()).isEqualTo(head.length));
        assertThat(AsyncFiles.readString(file, StandardCharsets.ISO_8859_1)).endsWith("Ã");
    }

    @Test
    void text_that_a_charset_has_not_is_an_error_before_the_file_changes() throws IOException {
        Path file = folder.resolve("text");
        AsyncFiles.writeString(file, "old");

        assertThatThrownBy(() -> AsyncFiles.writeString(file, "a€", StandardCharsets.ISO_8859_1))
                .isInstanceOf(MalformedTextException.class)
                .hasMessageContaining("index 1")
                .hasMessageContaining("ISO-8859-1");
        assertThatThrownBy(() -> AsyncFiles.append(file, "\uD800")).isInstanceOf(MalformedTextException.class);
        assertThat(file).hasContent("old");
    }

    @Test
    void a_missing_file_and_a_folder_are_the_errors_of_the_jdk_with_the_name() {
        Path missing = folder.resolve("missing");
        assertThatThrownBy(() -> AsyncFiles.readString(missing))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessage(missing.toString());
        assertThatThrownBy(() -> AsyncFiles.writeString(missing.resolve("below"), "x"))
                .isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> AsyncFiles.readString(folder))
                .isInstanceOf(FileSystemException.class)
                .hasMessage(folder + ": Is a directory");
        assertThatThrownBy(() -> AsyncFiles.writeString(folder, "x"))
                .isInstanceOf(FileSystemException.class)
                .hasMessageContaining("Is a directory");
    }

    @Test
    void a_file_that_may_not_be_written_is_an_error() {
        Path readOnlyForAll = Path.of("/sys/kernel/uevent_seqnum"); // also for the superuser
        assertThat(readOnlyForAll).exists();
        assertThatThrownBy(() -> AsyncFiles.writeString(readOnlyForAll, "1", StandardOpenOption.WRITE))
                .isInstanceOf(AccessDeniedException.class)
                .hasMessage(readOnlyForAll.toString());
        assertThatThrownBy(() -> AsyncFiles.open(readOnlyForAll, StandardOpenOption.WRITE))
                .isInstanceOf(AccessDeniedException.class);
    }

    @Test
    void a_full_disk_is_an_error_that_names_the_file() {
        assertThatThrownBy(() -> AsyncFiles.writeString(FULL, "x", StandardOpenOption.WRITE))
                .isInstanceOf(FileSystemException.class)
                .hasMessage(FULL + ": No space left on device");
    }

    @Test
    void arguments_that_are_missing_are_named() {
        Path file = folder.resolve("file");
        assertThatThrownBy(() -> AsyncFiles.readString(null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("path");
        assertThatThrownBy(() -> AsyncFiles.readString(file, null)).hasMessage("charset");
        assertThatThrownBy(() -> AsyncFiles.writeString(file, null)).hasMessage("text");
        assertThatThrownBy(() -> AsyncFiles.writeBytes(file, null)).hasMessage("bytes");
        assertThatThrownBy(() -> AsyncFiles.replace(file, null)).hasMessage("body");
        assertThatThrownBy(() -> AsyncFiles.copy(file, null)).hasMessage("target");
        assertThatThrownBy(() -> AsyncFiles.readAll(null)).hasMessage("paths");
        assertThatThrownBy(() -> AsyncFiles.walk(null)).hasMessage("start");
        assertThat(file).doesNotExist();
    }

    // ---------------------------------------------------------------- copy, move, delete

    @Test
    void a_copy_has_the_same_content_and_permissions_whatever_the_size() throws IOException {
        for (int size : new int[] {10, 20_000_000}) {
            Path source = folder.resolve("source" + size);
            Path target = folder.resolve("target" + size);
            Files.write(source, random(size));
            Files.setPosixFilePermissions(source, PosixFilePermissions.fromString("rwxr-x---"));
            AsyncFiles.copy(source, target);

            assertThat(target).hasSameBinaryContentAs(source);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(target)))
                    .isEqualTo("rwxr-x---");
            assertThatThrownBy(() -> AsyncFiles.copy(source, target)).isInstanceOf(FileAlreadyExistsException.class);
            assertThat(target).hasSameBinaryContentAs(source);

            Files.writeString(target, "other");
            AsyncFiles.copy(source, target, StandardCopyOption.REPLACE_EXISTING);
            assertThat(target).hasSameBinaryContentAs(source);
            AsyncFiles.copy(source, source, StandardCopyOption.REPLACE_EXISTING);
            assertThat(source).hasSize(size);
        }
    }

    @Test
    void an_option_of_a_copy_that_is_said_twice_counts_once() throws IOException {
        Path source = Files.writeString(folder.resolve("source"), "x");
        Path target = Files.writeString(folder.resolve("target"), "old");
        AsyncFiles.copy(source, target, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.REPLACE_EXISTING);

        assertThat(target).hasContent("x");
    }

    @Test
    void a_copy_takes_the_times_along_if_asked() throws IOException {
        for (int size : new int[] {10, 20_000_000}) {
            Path source = folder.resolve("source" + size);
            Path target = folder.resolve("target" + size);
            Files.write(source, random(size));
            Files.setLastModifiedTime(source, FileTime.fromMillis(1_000_000_000_000L));
            Files.setPosixFilePermissions(source, PosixFilePermissions.fromString("rw-rw-rw-"));
            AsyncFiles.copy(source, target, StandardCopyOption.COPY_ATTRIBUTES);

            assertThat(Files.getLastModifiedTime(target)).isEqualTo(Files.getLastModifiedTime(source));
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(target)))
                    .isEqualTo("rw-rw-rw-");
        }
    }

    @Test
    void a_large_copy_that_finds_no_space_leaves_nothing_behind() throws IOException {
        Path source = folder.resolve("source");
        Files.write(source, random(9_000_000));

        assertThatThrownBy(() -> AsyncFiles.copy(source, folder.resolve("missing/target")))
                .isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> AsyncFiles.copy(folder.resolve("missing"), source))
                .isInstanceOf(NoSuchFileException.class);
        assertThat(source).hasSize(9_000_000);
    }

    @Test
    void a_large_copy_whose_second_open_fails_leaves_nothing_open() throws IOException {
        Path source = Files.write(folder.resolve("source"), random(9_000_000));
        Path target = folder.resolve("target");
        FaultyFiles exhausted = new FaultyFiles((path, _) -> {
            if (path.equals(target)) {
                throw new FileSystemException(path.toString(), null, "Too many open files");
            }
            return path;
        });

        assertThatThrownBy(() -> AsyncFiles.copy(exhausted.path(source), exhausted.path(target)))
                .hasMessage(target + ": Too many open files");

        assertThat(OpenFiles.below(folder)).isEmpty();
        assertThat(target).doesNotExist();
        assertThat(source).hasSize(9_000_000);
    }

    @Test
    void files_are_moved_and_deleted() throws IOException {
        Path one = folder.resolve("one");
        Path two = folder.resolve("two");
        AsyncFiles.writeString(one, "1");
        AsyncFiles.move(one, two);
        assertThat(two).hasContent("1");
        assertThat(one).doesNotExist();
        AsyncFiles.writeString(one, "new");
        assertThatThrownBy(() -> AsyncFiles.move(one, two)).isInstanceOf(FileAlreadyExistsException.class);
        AsyncFiles.move(one, two, StandardCopyOption.REPLACE_EXISTING);
        assertThat(two).hasContent("new");

        AsyncFiles.delete(two);
        assertThatThrownBy(() -> AsyncFiles.delete(two)).isInstanceOf(NoSuchFileException.class);
        assertThat(AsyncFiles.deleteIfExists(two)).isFalse();
        AsyncFiles.writeString(two, "");
        assertThat(AsyncFiles.deleteIfExists(two)).isTrue();
    }

    @Test
    void a_tree_is_deleted_with_its_links_but_not_what_they_lead_to() throws IOException {
        Path kept =
                Files.writeString(Files.createDirectory(folder.resolve("kept")).resolve("file"), "kept");
        Path tree = folder.resolve("tree");
        AsyncFiles.createDirectories(tree.resolve("a/b/c"));
        AsyncFiles.createDirectories(tree.resolve("a/b/c"));
        AsyncFiles.writeString(tree.resolve("a/b/file"), "x");
        Files.createSymbolicLink(tree.resolve("a/link"), kept.getParent());

        assertThatThrownBy(() -> AsyncFiles.delete(tree)).isInstanceOf(DirectoryNotEmptyException.class);
        AsyncFiles.deleteTree(tree);
        assertThat(tree).doesNotExist();
        assertThat(kept).hasContent("kept");
        AsyncFiles.deleteTree(tree);
    }

    // ---------------------------------------------------------------- what there is

    @Test
    void files_can_be_looked_at() throws IOException {
        Path file = folder.resolve("file");
        Path link = Files.createSymbolicLink(folder.resolve("link"), file);
        assertThat(AsyncFiles.exists(file)).isFalse();
        assertThat(AsyncFiles.exists(link)).isFalse();
        assertThat(AsyncFiles.exists(link, LinkOption.NOFOLLOW_LINKS)).isTrue();
        assertThatThrownBy(() -> AsyncFiles.size(file)).isInstanceOf(NoSuchFileException.class);

        AsyncFiles.writeString(file, "12345");
        assertThat(AsyncFiles.exists(file)).isTrue();
        assertThat(AsyncFiles.size(file)).isEqualTo(5);
        assertThat(AsyncFiles.attributes(file).isRegularFile()).isTrue();
        assertThat(AsyncFiles.attributes(link).isRegularFile()).isTrue();
        assertThat(AsyncFiles.attributes(link, LinkOption.NOFOLLOW_LINKS).isSymbolicLink())
                .isTrue();
        assertThat(AsyncFiles.attributes(file, PosixFileAttributes.class).permissions())
                .isEqualTo(Files.getPosixFilePermissions(file));
    }

    @Test
    void a_list_has_the_entries_of_a_folder_by_name() throws IOException {
        for (String name : new String[] {"b", "a", "c/d"}) {
            Files.createDirectories(folder.resolve(name));
        }

        assertThat(AsyncFiles.list(folder))
                .containsExactly(folder.resolve("a"), folder.resolve("b"), folder.resolve("c"));
        Path file = Files.writeString(folder.resolve("file"), "");
        assertThatThrownBy(() -> AsyncFiles.list(file)).isInstanceOf(NotDirectoryException.class);
        assertThatThrownBy(() -> AsyncFiles.list(folder.resolve("missing"))).isInstanceOf(NoSuchFileException.class);
    }
}
