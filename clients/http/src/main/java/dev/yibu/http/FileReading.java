package dev.yibu.http;

import dev.yibu.Async;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A file that is read to be sent. It may be a pipe from which nothing comes, or on a disk that is gone: then whoever is
 * cancelled leaves the read behind, on the blocking pool, and it closes the file when it ends; the JDK's close would wait
 * for it.
 */
final class FileReading implements AutoCloseable {
    private static final int CHUNK = 512 * 1024;

    private enum Stage {
        IDLE,
        READING,
        /** Reading, for nobody. */
        LEFT,
        CLOSED
    }

    private final FileChannel channel;
    private final AtomicReference<Stage> stage = new AtomicReference<>(Stage.IDLE);

    /** Owned by the call on the pool while it reads. */
    private final ByteBuffer chunk = ByteBuffer.allocate(CHUNK);

    private FileReading(FileChannel channel) {
        this.channel = channel;
    }

    static FileReading open(Path file) throws IOException {
        return Async.<FileReading, IOException>abandon(
                () -> new FileReading(FileChannel.open(file, StandardOpenOption.READ)), FileReading::close);
    }

    void copyTo(OutputStream out) throws IOException {
        while (Async.<Integer, IOException>abandon(this::readNow) >= 0) {
            out.write(chunk.array(), 0, chunk.position());
            chunk.clear();
        }
    }

    /** On the pool. */
    private int readNow() throws IOException {
        if (!stage.compareAndSet(Stage.IDLE, Stage.READING)) {
            return -1; // it was cancelled before it began
        }
        try {
            return channel.read(chunk);
        } finally {
            if (!stage.compareAndSet(Stage.READING, Stage.IDLE)) {
                closeNow();
            }
        }
    }

    @Override
    public void close() {
        if (stage.compareAndSet(Stage.IDLE, Stage.CLOSED)
                || (!stage.compareAndSet(Stage.READING, Stage.LEFT)
                        && stage.compareAndSet(Stage.IDLE, Stage.CLOSED))) { // the read has ended just now
            closeNow();
        }
    }

    private void closeNow() {
        try {
            channel.close();
        } catch (IOException e) {
            System.getLogger("dev.yibu.http").log(Level.WARNING, "a file that was read could not be closed", e);
        }
    }
}
