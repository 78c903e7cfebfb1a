package dev.yibu.io;

import dev.yibu.Async;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/** A whole file in one trip to the pool. */
final class WholeFile {
    /** What an array holds. */
    static final int MOST = Integer.MAX_VALUE - 8;

    static final String TOO_LARGE = "it has more bytes than an array holds: read it in chunks or lines";

    private WholeFile() {}

    static byte[] read(Path path) throws IOException {
        AtomicBoolean unwanted = new AtomicBoolean();
        try {
            return Disk.read(path, () -> readNow(path, unwanted));
        } catch (Throwable t) {
            unwanted.set(true);
            throw t;
        }
    }

    /**
     * On the pool. Asks the file how long it is, since that saves a read which only finds the end; what knows no length, as
     * a pipe, or has grown less, is read until it ends.
     *
     * @param unwanted tells that nobody waits any more
     */
    static byte[] readNow(Path path, AtomicBoolean unwanted) throws IOException {
        try (SeekableByteChannel channel = Files.newByteChannel(path)) {
            long size = channel.size();
            if (size > MOST) {
                throw new FileSystemException(path.toString(), null, TOO_LARGE);
            }
            byte[] bytes = new byte[size > 0 ? (int) size : 8192];
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            while (buffer.position() < size || size == 0) {
                if (!buffer.limit(buffer.capacity()).hasRemaining()) { // only where the size was not known
                    if (bytes.length == MOST) {
                        throw new FileSystemException(path.toString(), null, TOO_LARGE);
                    }
                    bytes = Arrays.copyOf(bytes, (int) Math.min(MOST, 2L * bytes.length));
                    buffer = ByteBuffer.wrap(bytes).position(buffer.position());
                }
                int read = channel.read(
                        buffer.limit((int) Math.min(buffer.capacity(), (long) buffer.position() + Disk.CHUNK)));
                if (read < 0 || unwanted.get()) {
                    break;
                }
            }
            return buffer.position() == bytes.length ? bytes : Arrays.copyOf(bytes, buffer.position());
        }
    }

    static void write(Path path, ByteBuffer bytes, Set<? extends OpenOption> options) throws IOException {
        Disk.change(path, () -> writeNow(path, bytes, options));
    }

    /** On the pool. */
    static void writeNow(Path path, ByteBuffer bytes, Set<? extends OpenOption> options) throws IOException {
        try (SeekableByteChannel channel = Files.newByteChannel(path, options)) {
            writeNow(channel, bytes);
        }
    }

    /** On the pool, chunk by chunk, as long as the caller is not cancelled. */
    static void writeNow(SeekableByteChannel channel, ByteBuffer bytes) throws IOException {
        ByteBuffer chunk = bytes.duplicate();
        int end = bytes.limit();
        while (chunk.position() < end) {
            Async.checkpoint();
            chunk.limit((int) Math.min(end, (long) chunk.position() + Disk.CHUNK));
            while (chunk.hasRemaining()) {
                channel.write(chunk);
            }
        }
    }
}
