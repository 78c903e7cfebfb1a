package dev.yibu.io;

import static dev.yibu.Async.sleep;
import static org.assertj.core.api.Assertions.assertThat;

import dev.yibu.stream.AsyncIterable;
import dev.yibu.testkit.CancelEverywhere;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Each test once more for each place in it that can wait, cancelled there: nothing is open, half or left over. */
@CancelEverywhere
class CancelledAnywhereTest {
    private static final String OLD = "old".repeat(200_000);
    private static final String NEW = "new".repeat(300_000);

    private Path folder;
    private Path file;

    @BeforeEach
    void a_folder() {
        try {
            folder = Files.createTempDirectory("yibu");
            file = Files.writeString(folder.resolve("file"), OLD);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @AfterEach
    void nothing_is_left() throws IOException {
        while (!OpenFiles.below(folder).isEmpty()) { // until what was left behind has ended
            sleep(Duration.ofMillis(1));
        }
        String content = Files.readString(file);
        assertThat(content.equals(OLD) || content.equals(NEW))
                .as("the file is whole")
                .isTrue();
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).allMatch(path -> path.getFileName().toString().matches("file|copy|many\\d+"));
        }
        Trees.deleteNow(folder);
    }

    @CancelEverywhere
    void reading() throws IOException {
        assertThat(AsyncFiles.readString(file)).isEqualTo(OLD);
        assertThat(AsyncFiles.exists(file)).isTrue();
        assertThat(AsyncFiles.size(file)).isEqualTo(OLD.length());
        assertThat(AsyncFiles.list(folder)).containsExactly(file);
    }

    @CancelEverywhere
    void an_open_file() throws IOException {
        try (AsyncFile open = AsyncFiles.open(file)) {
            open.read(10);
            assertThat(open.readNBytes(400_000)).hasSize(400_000);
            open.position(0);
            assertThat(open.readString()).isEqualTo(OLD);
        }
    }

    @CancelEverywhere
    void writing_and_a_close_that_writes() throws IOException {
        Path other = folder.resolve("copy");
        boolean opened = false;
        try (AsyncFile open = AsyncFiles.openForWrite(other)) {
            opened = true;
            open.write("begin");
            open.write(NEW);
            open.write("end");
        } finally {
            if (opened) {
                assertThat(OpenFiles.below(folder)).isEmpty();
                assertThat(("begin" + NEW + "end").startsWith(Files.readString(other)))
                        .isTrue();
            }
        }
    }

    @CancelEverywhere
    void iterations() throws IOException {
        try (AsyncIterable<byte[]> chunks = AsyncFiles.chunks(file, 100_000)) {
            chunks.forEach(chunk -> assertThat(chunk).hasSize(100_000));
        }
        try (AsyncIterable<String> lines = AsyncFiles.lines(file)) {
            lines.forEach(line -> assertThat(line).isEqualTo(OLD));
        }
        try (AsyncIterable<Path> walk = AsyncFiles.walk(folder)) {
            walk.forEach(path -> assertThat(path).exists());
        }
    }

    @CancelEverywhere
    void replacing() throws IOException {
        AsyncFiles.replaceString(file, NEW);
        AsyncFiles.replace(file, out -> out.write(OLD));
        AsyncFiles.replace(file, out -> {
            for (int i = 0; i < 3; i++) {
                out.write("new".repeat(100_000));
                out.flush();
            }
        });
    }

    @CancelEverywhere
    void copying() throws IOException {
        Path copy = folder.resolve("copy");
        AsyncFiles.copy(file, copy);
        AsyncFiles.delete(copy);
    }

    @CancelEverywhere
    void many_files() throws IOException {
        Map<Path, String> contents = new LinkedHashMap<>();
        for (int i = 0; i < 70; i++) {
            contents.put(folder.resolve("many" + i), "content " + i);
        }
        AsyncFiles.writeAllStrings(contents);
        assertThat(AsyncFiles.readAllStrings(contents.keySet())).containsExactlyElementsOf(contents.values());
    }

    @CancelEverywhere
    void temporary_files() throws IOException {
        try (Temporary tree = AsyncFiles.temporaryFolder(folder, "tree");
                Temporary one = AsyncFiles.temporaryFile(tree.path(), "a", "b")) {
            AsyncFiles.writeString(one.path(), "x");
            AsyncFiles.writeString(tree.path().resolve("other"), "y");
        }
    }
}
