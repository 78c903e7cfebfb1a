package dev.yibu.io;

import static dev.yibu.Async.run;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnippetsTest {
    @TempDir
    private Path folder;

    @Test
    void the_snippet_of_files_writes_and_reads_them() throws IOException {
        Files.writeString(folder.resolve("settings.json"), "{}");

        assertThat(Snippets.files(folder)).isEqualTo(4);
        assertThat(folder.resolve("greeting.txt")).hasContent("hello\nworld\n");
    }

    @Test
    void the_snippet_of_an_open_file_reads_what_it_wrote() throws IOException {
        assertThat(Snippets.open(folder.resolve("file"))).isEqualTo("81,Ada\n");
    }

    @Test
    void the_snippet_of_lines_counts_them() throws IOException {
        Path log = Files.writeString(folder.resolve("log"), "ERROR 1\nINFO\nERROR 2");

        assertThat(run(() -> Snippets.lines(log))).isEqualTo(2);
    }

    @Test
    void the_snippet_of_a_replacement_replaces() throws IOException {
        Snippets.replace(folder.resolve("file"), List.of("a", "b"));

        assertThat(folder.resolve("file")).hasContent("a\nb\n");
    }

    @Test
    void the_snippet_of_a_temporary_folder_writes_there() throws IOException {
        assertThat(Snippets.temporary(new byte[3])).isTrue();
    }
}
