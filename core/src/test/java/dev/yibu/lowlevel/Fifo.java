package dev.yibu.lowlevel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A named pipe that is empty. A virtual thread that reads from its channel blocks in a native call, on its carrier, and
 * while it does so, whoever interrupts that thread blocks too (JDK-8321594).
 */
public final class Fifo implements AutoCloseable {
    private final FileChannel reader;
    private final FileChannel writer;

    private Fifo(Path path) throws IOException {
        // Opened for both, so that opening does not wait for the other end.
        reader = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        writer = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    public static Fifo in(Path folder) throws IOException, InterruptedException {
        Path path = folder.resolve("fifo");
        Process process =
                new ProcessBuilder("mkfifo", path.toString()).inheritIO().start();
        if (process.waitFor() != 0) {
            throw new IOException("mkfifo failed");
        }
        return new Fifo(path);
    }

    /** Blocks until {@link #write()}. */
    public void read() throws IOException {
        reader.read(ByteBuffer.allocate(1));
    }

    public boolean isOpen() {
        return reader.isOpen();
    }

    /** Lets a reader go on. */
    public void write() throws IOException {
        writer.write(ByteBuffer.allocate(1));
    }

    /** Waits until a thread is inside {@link #read()}. */
    public static void isRead(Thread thread) {
        Eventually.isIn(thread, "sun.nio.ch.UnixFileDispatcherImpl", "read0");
    }

    /** Waits until a thread, which interrupts a reader, is stuck closing the channel. */
    public static void isClosed(Thread thread) {
        Eventually.isIn(thread, "sun.nio.ch.NativeThreadSet", "signalAndWait");
    }

    @Override
    public void close() throws IOException {
        writer.close();
        reader.close();
    }
}
