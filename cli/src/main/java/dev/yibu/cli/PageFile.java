package dev.yibu.cli;

import static dev.yibu.Async.blocking;

import dev.yibu.crawler.Page;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Pages as JSON, one a line, each written in full before the next. */
final class PageFile implements AutoCloseable {
    private final Writer file;
    private final boolean stays;

    private PageFile(Writer file, boolean stays) {
        this.file = file;
        this.stays = stays;
    }

    static PageFile create(Path path) throws IOException {
        return new PageFile(Files.newBufferedWriter(path, StandardCharsets.UTF_8), false);
    }

    /** Over standard output, which stays open. */
    static PageFile over(PrintWriter output) {
        return new PageFile(output, true);
    }

    void write(Page page) throws IOException {
        String line = page.toJson() + '\n';
        blocking(() -> {
            file.write(line);
            file.flush();
            if (file instanceof PrintWriter output && output.checkError()) {
                throw new IOException("standard output takes no more; the same command goes on");
            }
        });
    }

    @Override
    public void close() throws IOException {
        if (!stays) {
            file.close();
        }
    }
}
