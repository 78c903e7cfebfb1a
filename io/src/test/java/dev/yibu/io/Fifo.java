package dev.yibu.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;

/** A named pipe whose other end is open, so that opening does not wait, and from which nothing comes until it is told to. */
final class Fifo implements AutoCloseable {
    final Path path;
    private final FileChannel end;

    private Fifo(Path path) throws IOException {
        this.path = path;
        this.end = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    static Fifo in(Path folder) throws IOException {
        return new Fifo(closed(folder));
    }

    /** One whose other end nobody has opened. */
    static Path closed(Path folder) throws IOException {
        Path path = folder.resolve("fifo");
        try {
            if (new ProcessBuilder("mkfifo", path.toString())
                            .inheritIO()
                            .start()
                            .waitFor()
                    != 0) {
                throw new IOException("mkfifo failed");
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
        return path;
    }

    void write(String text) throws IOException {
        end.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** Takes bytes out, so that a writer can go on; waits for the first. */
    int read(int most) throws IOException {
        return end.read(ByteBuffer.allocate(most));
    }

    /** After this, readers find the end. */
    @Override
    public void close() throws IOException {
        end.close();
    }

    /** Waits until so many threads hang in a system call of files. */
    static void untilHanging(String call, int count) {
        Polling.until(count + " threads hang in " + call, () -> hanging(call) == count);
    }

    static long hanging(String call) {
        long count = 0;
        for (Map.Entry<Thread, StackTraceElement[]> thread :
                Thread.getAllStackTraces().entrySet()) {
            StackTraceElement[] stack = thread.getValue();
            if (thread.getKey().getName().startsWith("yibu-blocking-")
                    && stack.length > 0
                    && stack[0].getMethodName().equals(call)) {
                count++;
            }
        }
        return count;
    }
}
