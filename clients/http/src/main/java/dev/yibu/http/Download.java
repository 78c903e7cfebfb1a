package dev.yibu.http;

import dev.yibu.Async;
import dev.yibu.ResourceStack;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;

/** Writes a body to a file beside its place, and moves it there when it is complete. */
final class Download {
    private static final int CHUNK = 512 * 1024;

    private Download() {}

    static long to(Path file, HttpResponse response) throws IOException {
        Path place = file.toAbsolutePath();
        Path name = place.getFileName();
        if (name == null) {
            throw new IOException(file + " is no place for a file");
        }
        String unique = HexFormat.of().toHexDigits(Async.random().nextLong());
        Path beside = place.resolveSibling("." + name + "." + unique + ".part");
        try (ResourceStack resources = new ResourceStack()) {
            Path part = resources.acquire(
                    () -> Async.blocking(() -> Files.createFile(beside)),
                    made -> Async.blocking(() -> Files.deleteIfExists(made)));
            long written = write(part, response);
            Async.blocking(() -> move(part, place));
            return written;
        }
    }

    private static long write(Path part, HttpResponse response) throws IOException {
        try (ResourceStack resources = new ResourceStack()) {
            FileChannel channel = resources.acquire(
                    () -> Async.blocking(() -> FileChannel.open(part, StandardOpenOption.WRITE)),
                    open -> Async.blocking(open::close));
            response.forEachChunk(CHUNK, chunk -> Async.blocking(() -> writeAll(channel, chunk)));
            return Async.blocking(channel::size);
        }
    }

    private static void writeAll(FileChannel channel, ByteBuffer chunk) throws IOException {
        while (chunk.hasRemaining()) {
            channel.write(chunk);
        }
    }

    private static void move(Path part, Path place) throws IOException {
        try {
            Files.move(part, place, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(part, place, StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
