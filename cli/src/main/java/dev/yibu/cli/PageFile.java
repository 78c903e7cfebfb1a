package dev.yibu.cli;

import static dev.yibu.Async.blocking;

import dev.yibu.crawler.Page;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Pages as JSON, one a line, in a file or on standard output. A cancellation comes between two lines, and of a line for
 * which there is no room nothing stays.
 */
final class PageFile implements AutoCloseable {
    private final @Nullable Path path;
    private final PrintWriter output;
    private @Nullable FileChannel file;

    /**
     * A file that is not touched before it is begun.
     *
     * @param path where, or null for standard output, which stays open
     */
    PageFile(@Nullable Path path, PrintWriter output) {
        this.path = path;
        this.output = output;
    }

    /** Makes the file; what is in it goes. */
    void begin() throws IOException {
        Path place = path;
        if (place != null) {
            blocking(() -> {
                try {
                    file = FileChannel.open(place, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    if (Files.isRegularFile(place)) {
                        lock(file, place);
                        file.truncate(0);
                    }
                } catch (IOException e) {
                    throw unwritable(place, e);
                }
            });
        }
    }

    /** Several crawlers that share a store are easily started in one folder. */
    private static void lock(FileChannel file, Path place) throws IOException {
        boolean locked;
        try {
            locked = file.tryLock() != null; // until it is closed
        } catch (OverlappingFileLockException e) {
            locked = false;
        }
        if (!locked) {
            throw new FileSystemException(place.toString(), null, "another crawl is writing it");
        }
    }

    void write(Page page) throws IOException {
        String line = page.toJson() + '\n';
        blocking(() -> {
            if (path == null || file == null) {
                print(line);
            } else {
                write(file, path, ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8)));
            }
        });
    }

    private void print(String line) throws IOException {
        output.write(line);
        if (output.checkError()) {
            throw new IOException("standard output takes no more; the same command goes on");
        }
    }

    private static void write(FileChannel file, Path path, ByteBuffer line) throws IOException {
        try {
            while (line.hasRemaining()) {
                file.write(line);
            }
        } catch (IOException e) {
            IOException failure = unwritable(path, e);
            if (line.position() > 0) {
                try {
                    file.truncate(file.position() - line.position());
                } catch (IOException another) {
                    failure.addSuppressed(another);
                }
            }
            throw failure;
        }
    }

    /** Says which file it is, and what a person can do. */
    static IOException unwritable(Path path, IOException e) {
        String reason = e instanceof AccessDeniedException
                ? "permission denied"
                : e instanceof FileSystemException named && named.getReason() != null
                        ? named.getReason()
                        : e instanceof FileSystemException ? "there is no such place" : String.valueOf(e.getMessage());
        return new IOException(path + " can't be written: " + reason + "; choose another file or make room", e);
    }

    @Override
    public void close() throws IOException {
        FileChannel opened = file;
        if (opened != null) {
            opened.close();
        }
    }
}
