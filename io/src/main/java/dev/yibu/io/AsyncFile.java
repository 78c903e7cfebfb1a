package dev.yibu.io;

import dev.yibu.Async;
import dev.yibu.Cancelled;
import dev.yibu.ResourceStack;
import dev.yibu.stream.AsyncIterable;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.NonReadableChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * An open file, for reading and writing piece by piece. Compare what {@code aiofiles.open} yields. Opened by {@link
 * AsyncFiles#open}, {@link AsyncFiles#openForWrite} and {@link AsyncFiles#openForAppend}.
 *
 * {@snippet file="dev/yibu/io/Snippets.java" region=open}
 *
 * <p><b>Buffers.</b> Reads fetch large chunks and hand out small pieces of them; small writes are collected. So a call is
 * mostly a copy in memory, and only now and then a trip to the blocking pool. What was written is in the file after {@link
 * #flush()} or {@link #close()}, and on the disk after {@link #force}.
 *
 * <p><b>Cancellation.</b> Each method that reads or writes is a checkpoint. A read that is cancelled has not happened: the
 * position is where it was, and what was on its way comes with the next read, also from a pipe. If such a read hangs, it is
 * left behind; whoever reads next waits for it, and if the file is closed meanwhile, it is closed when that read ends. A
 * write that is cancelled finishes the chunk in hand, and {@link #position()} tells how far it has come.
 *
 * <p><b>Closing</b> is shielded, with the grace of the enclosing {@code run}, so a plain try-with-resources is enough. But
 * something has to do it: an open file belongs to no scope, and nobody closes it in your place. To use it afterwards is an
 * {@link IllegalStateException}.
 *
 * <p><b>Thread-safety.</b> For one task at a time; that two use it in the same moment is an error. What a task has done
 * with it is visible to the one that it hands it to.
 */
public final class AsyncFile implements AutoCloseable {
    private static final int COLLECTED = 64 * 1024;

    /** What is fetched first, and the next time twice as much: small files cost little memory, large ones few trips. */
    static final int FIRST_FETCH = 64 * 1024;

    /** So much is fetched ahead at most: a trip to the pool takes about an eighth of the time of reading it. */
    private static final int MOST_AHEAD = 1024 * 1024;

    /** How much of a large piece is fetched in one trip. */
    private static final int LARGEST_FETCH = 8 * 1024 * 1024;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    /** What the feed yields for a call that was no read: this very object. */
    private static final ByteBuffer NO_READ = ByteBuffer.allocate(0);

    private final Path path;
    private final SeekableByteChannel channel;
    private final boolean readable;
    private final boolean writable;
    private final boolean appending;
    private final boolean seekable;
    private final Feed<ByteBuffer> feed;
    private final AtomicBoolean busy = new AtomicBoolean();

    // Owned by the task that uses the file.
    private ByteBuffer ahead = NOTHING;
    private int fetchAhead = FIRST_FETCH;
    private final ByteBuffer behind;
    private long channelPosition;
    private boolean moved;
    private boolean closed;

    private AsyncFile(
            Path path,
            SeekableByteChannel channel,
            Set<? extends OpenOption> options,
            boolean seekable,
            long channelPosition) {
        this.path = path;
        this.channel = channel;
        this.appending = options.contains(StandardOpenOption.APPEND);
        this.writable = isWriting(options);
        this.readable = options.contains(StandardOpenOption.READ) || !writable;
        this.seekable = seekable;
        this.channelPosition = channelPosition;
        this.behind = ByteBuffer.allocate(writable ? COLLECTED : 0);
        this.feed = new Feed<>(channel);
    }

    private static boolean isWriting(Set<? extends OpenOption> options) {
        return options.contains(StandardOpenOption.WRITE) || options.contains(StandardOpenOption.APPEND);
    }

    static AsyncFile open(Path path, Set<? extends OpenOption> options) throws IOException {
        return isWriting(options)
                ? Disk.write(path, () -> openNow(path, options))
                : Disk.read(path, () -> openNow(path, options), AsyncFile::closeUnused);
    }

    private static AsyncFile openNow(Path path, Set<? extends OpenOption> options) throws IOException {
        SeekableByteChannel channel = Files.newByteChannel(path, options);
        try {
            long position = 0;
            boolean seekable = true;
            try {
                position = channel.position();
            } catch (IOException e) {
                seekable = false; // a pipe or a terminal
            }
            return new AsyncFile(path, channel, options, seekable, position);
        } catch (Throwable t) {
            channel.close();
            throw t;
        }
    }

    private static void closeUnused(AsyncFile file) {
        try {
            file.channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Which file it is.
     *
     * @return the path that it was opened by
     */
    public Path path() {
        return path;
    }

    /**
     * Whether it has not been closed.
     *
     * @return whether it can be used
     */
    public boolean isOpen() {
        return !closed;
    }

    // ---------------------------------------------------------------- reading

    /**
     * Reads what is there: at least one byte, unless the file has ended. Of a pipe that may be less than is asked for.
     *
     * @param most how many bytes at most; one or more
     * @return the bytes; none at the end of the file
     * @throws IOException if the file can't be read
     * @throws Cancelled if the scope is cancelled; nothing has been read
     */
    public byte[] read(int most) throws IOException {
        checkCount(most);
        return inUse(() -> {
            checkReadable();
            if (!ahead.hasRemaining()) {
                fetch(most);
            }
            return take(most);
        });
    }

    /**
     * Reads so many bytes, and fewer only if the file ends before.
     *
     * @param count how many; one or more
     * @return the bytes
     * @throws IOException if the file can't be read
     * @throws Cancelled if the scope is cancelled; nothing has been read
     */
    public byte[] readNBytes(int count) throws IOException {
        checkCount(count);
        return inUse(() -> {
            checkReadable();
            return readUpTo(count);
        });
    }

    /**
     * Reads the rest of the file.
     *
     * @return the bytes from the position to the end; none if there are none
     * @throws IOException if the file can't be read, or has more bytes left than an array holds
     * @throws Cancelled if the scope is cancelled; nothing has been read
     */
    public byte[] readAllBytes() throws IOException {
        return inUse(() -> {
            checkReadable();
            byte[] bytes = readUpTo(WholeFile.MOST);
            if (bytes.length == WholeFile.MOST && (ahead.hasRemaining() || fetch(1))) {
                throw new FileSystemException(path.toString(), null, WholeFile.TOO_LARGE);
            }
            return bytes;
        });
    }

    /**
     * Reads the rest of the file as text in UTF-8.
     *
     * @return the text from the position to the end
     * @throws MalformedTextException if it is not UTF-8; the offset counts from the position
     * @throws IOException if the file can't be read
     * @throws Cancelled if the scope is cancelled; nothing has been read
     */
    public String readString() throws IOException {
        return readString(StandardCharsets.UTF_8);
    }

    /**
     * Reads the rest of the file as text.
     *
     * @param charset what the bytes mean
     * @return the text from the position to the end
     * @throws MalformedTextException if it is not in that charset; the offset counts from the position
     * @throws IOException if the file can't be read
     * @throws Cancelled if the scope is cancelled; nothing has been read
     */
    public String readString(Charset charset) throws IOException {
        Objects.requireNonNull(charset, "charset");
        return Text.decode(path, readAllBytes(), charset);
    }

    /**
     * The rest of the file in lines, in UTF-8, without their ends; see {@link AsyncFiles#lines(Path)}. It reads ahead, so
     * read nothing else until it is over. Does not close the file.
     *
     * @return the lines, once
     * @throws IOException never here; declared so that the loop's signature carries it
     * @throws IllegalStateException outside of {@code run} or a task
     */
    public AsyncIterable<String> lines() throws IOException {
        return lines(StandardCharsets.UTF_8, AsyncFiles.DEFAULT_LONGEST_LINE);
    }

    /**
     * The rest of the file in lines; see {@link AsyncFiles#lines(Path, Charset, int)}. It reads ahead, so read nothing else
     * until it is over. Does not close the file.
     *
     * @param charset what the bytes mean
     * @param longest how many characters a line may have; one or more
     * @return the lines, once
     * @throws IOException never here; declared so that the loop's signature carries it
     * @throws IllegalStateException outside of {@code run} or a task
     */
    public AsyncIterable<String> lines(Charset charset, int longest) throws IOException {
        Objects.requireNonNull(charset, "charset");
        return AsyncIterable.from(new Lines(this, charset, longest, false));
    }

    /**
     * The rest of the file in chunks; see {@link AsyncFiles#chunks}. Does not close the file.
     *
     * @param size how many bytes a chunk has; one or more
     * @return the chunks, once
     * @throws IOException never here; declared so that the loop's signature carries it
     * @throws IllegalStateException outside of {@code run} or a task
     */
    public AsyncIterable<byte[]> chunks(int size) throws IOException {
        return AsyncIterable.from(new Chunks(this, size, false));
    }

    /** A chunk: full where the file has positions; of a pipe, what is there. */
    byte[] chunk(int size) throws IOException {
        return seekable ? readNBytes(size) : read(size);
    }

    /** What was read ahead, or as much as one read yields; nothing at the end. */
    ByteBuffer some() throws IOException {
        return inUse(() -> {
            checkReadable();
            if (!ahead.hasRemaining()) {
                fetch(1);
            }
            ByteBuffer all = ahead;
            ahead = NOTHING;
            return all;
        });
    }

    private byte[] readUpTo(int count) throws IOException {
        if (ahead.remaining() >= count) {
            return take(count);
        }
        List<byte[]> parts = new ArrayList<>();
        int read = 0;
        try {
            while (read < count && (ahead.hasRemaining() || fetch(count - read))) {
                byte[] part = take(count - read);
                parts.add(part);
                read += part.length;
            }
        } catch (Throwable t) { // then nothing has been read
            parts.add(take(ahead.remaining()));
            ahead = ByteBuffer.wrap(joined(parts, read + parts.getLast().length));
            throw t;
        }
        return joined(parts, read);
    }

    private static byte[] joined(List<byte[]> parts, int length) {
        if (parts.size() == 1) {
            return parts.getFirst();
        }
        byte[] all = new byte[length];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }

    private byte[] take(int most) {
        byte[] bytes = new byte[Math.min(most, ahead.remaining())];
        ahead.get(bytes);
        return bytes;
    }

    /** Reads into the empty buffer; returns whether there was anything. */
    @SuppressWarnings("ReferenceEquality") // this very object
    private boolean fetch(int wanted) throws IOException {
        if (behind.position() > 0) {
            drain(null);
        }
        int size = Math.clamp(wanted, fetchAhead, LARGEST_FETCH);
        ByteBuffer buffer = ahead.capacity() < size ? ByteBuffer.allocate(size) : ahead;
        ahead = NOTHING; // the buffer belongs to the call on the pool, which may be left behind
        try {
            ByteBuffer read;
            do {
                read = feed.next(() -> readNow(buffer.clear(), size));
            } while (read == NO_READ); // it was left behind
            collected(read);
        } catch (IOException e) {
            throw Disk.named(path, e);
        }
        if (ahead.remaining() == size) {
            fetchAhead = Math.min(MOST_AHEAD, 2 * fetchAhead);
        }
        return ahead.hasRemaining();
    }

    private void collected(ByteBuffer read) {
        channelPosition += read.remaining();
        ahead = read;
    }

    /** On the pool. */
    private ByteBuffer readNow(ByteBuffer buffer, int size) throws IOException {
        seek();
        int read;
        do {
            try {
                read = channel.read(buffer.limit(Math.min(size, buffer.position() + Disk.CHUNK)));
            } catch (IOException e) {
                if (buffer.position() == 0) {
                    throw e;
                }
                break; // what was read comes first; if the failure lasts, the next read meets it
            }
        } while (read > 0 && seekable && buffer.position() < size); // a pipe may have nothing more for a while
        return buffer.flip();
    }

    private void checkReadable() {
        if (!readable) {
            throw new NonReadableChannelException();
        }
    }

    private static void checkCount(int count) {
        if (count < 1) {
            throw new IllegalArgumentException("the number of bytes is " + count + "; one is the smallest");
        }
    }

    // ---------------------------------------------------------------- writing

    /**
     * Writes bytes at the position, or at the end of a file that is open for appending.
     *
     * @param bytes what to write
     * @throws IOException if the file can't be written
     * @throws Cancelled if the scope is cancelled; {@link #position()} tells how many bytes were written
     */
    public void write(byte[] bytes) throws IOException {
        write(ByteBuffer.wrap(bytes));
    }

    /**
     * Writes bytes at the position, or at the end of a file that is open for appending.
     *
     * @param bytes what to write: what remains in the buffer, whose position moves as far as was written
     * @throws IOException if the file can't be written
     * @throws Cancelled if the scope is cancelled; the buffer's position tells how many bytes were written
     */
    public void write(ByteBuffer bytes) throws IOException {
        Objects.requireNonNull(bytes, "bytes");
        use(() -> {
            prepareToWrite();
            if (bytes.remaining() <= behind.remaining()) {
                behind.put(bytes);
            } else {
                drain(bytes);
            }
        });
    }

    /**
     * Writes text in UTF-8.
     *
     * @param text what to write
     * @throws MalformedTextException if the text can't be written; then nothing was
     * @throws IOException if the file can't be written
     * @throws Cancelled if the scope is cancelled; {@link #position()} tells how many bytes were written
     */
    public void write(CharSequence text) throws IOException {
        write(text, StandardCharsets.UTF_8);
    }

    /**
     * Writes text.
     *
     * @param text what to write
     * @param charset how to write it
     * @throws MalformedTextException if the text can't be written; then nothing was
     * @throws IOException if the file can't be written
     * @throws Cancelled if the scope is cancelled; {@link #position()} tells how many bytes were written
     */
    public void write(CharSequence text, Charset charset) throws IOException {
        Objects.requireNonNull(text, "text");
        Objects.requireNonNull(charset, "charset");
        write(Text.encode(path, text, charset));
    }

    /**
     * Gives what was collected to the operating system, so that others who read the file see it.
     *
     * @throws IOException if the file can't be written
     * @throws Cancelled if the scope is cancelled; what is not written yet stays collected
     */
    public void flush() throws IOException {
        use(() -> {
            if (behind.position() > 0) {
                drain(null);
            }
        });
    }

    /**
     * {@linkplain #flush() Flushes}, and waits until everything is on the disk.
     *
     * @param metaData whether also what is known about the file, as its time of modification
     * @throws IOException if the file can't be written
     * @throws UnsupportedOperationException if the file system can't tell
     * @throws Cancelled if the scope is cancelled before it begins
     */
    public void force(boolean metaData) throws IOException {
        use(() -> {
            settle();
            Disk.change(path, () -> {
                drainNow();
                if (!(channel instanceof FileChannel file)) {
                    throw new UnsupportedOperationException("this file system has no force");
                }
                file.force(metaData);
            });
        });
    }

    /**
     * Cuts the file off. A position beyond the new end moves there.
     *
     * @param size the new size, in bytes; a file that is not longer stays as it is
     * @throws IOException if the file can't be cut off
     * @throws Cancelled if the scope is cancelled before it begins
     */
    public void truncate(long size) throws IOException {
        checkNotNegative("size", size);
        use(() -> {
            prepareToWrite();
            Disk.change(path, () -> {
                drainNow();
                seek();
                channel.truncate(size);
                channelPosition = Math.min(channelPosition, size);
            });
        });
    }

    private void prepareToWrite() throws IOException {
        if (!writable) {
            throw new NonWritableChannelException();
        }
        settle();
        if (ahead.hasRemaining() && seekable && !appending) {
            moveTo(position());
        }
    }

    /** Writes what was collected and then more, but collects its last small part. */
    private void drain(@Nullable ByteBuffer more) throws IOException {
        settle();
        Disk.change(path, () -> {
            drainNow();
            while (more != null && more.hasRemaining()) {
                Async.checkpoint();
                if (more.remaining() < behind.capacity()) {
                    behind.put(more);
                } else {
                    int end = more.limit();
                    more.limit((int) Math.min(end, (long) more.position() + Disk.CHUNK));
                    try {
                        writeNow(more);
                    } finally {
                        more.limit(end);
                    }
                }
            }
        });
    }

    /** On the pool, or when closing. */
    private void drainNow() throws IOException {
        behind.flip();
        try {
            writeNow(behind);
        } finally {
            behind.compact();
        }
    }

    private void writeNow(ByteBuffer bytes) throws IOException {
        seek();
        while (bytes.hasRemaining()) {
            int written = channel.write(bytes);
            channelPosition += written;
        }
    }

    // ---------------------------------------------------------------- position

    /**
     * Where the next read or write begins. Does not wait.
     *
     * @return the distance from the beginning, in bytes; for a pipe, and for a file open for appending, the number of bytes
     *     that went through this object, counted from the size at the beginning
     */
    public long position() {
        return channelPosition - (seekable ? ahead.remaining() : 0) + behind.position();
    }

    /**
     * Moves to another position. Waits only to write what was collected.
     *
     * @param position the distance from the beginning, in bytes; beyond the end is allowed
     * @throws IOException if it is a pipe or a terminal, or what was collected can't be written
     * @throws Cancelled if the scope is cancelled; the position is unchanged
     */
    public void position(long position) throws IOException {
        checkNotNegative("position", position);
        if (!seekable) {
            throw new FileSystemException(path.toString(), null, "it has no positions: it is a pipe or a terminal");
        }
        use(() -> {
            settle();
            if (behind.position() > 0) {
                drain(null);
            }
            moveTo(position);
        });
    }

    private void moveTo(long position) {
        ahead = NOTHING;
        fetchAhead = FIRST_FETCH;
        channelPosition = position;
        moved = true;
    }

    /** On the pool: puts the channel where {@link #channelPosition} says. */
    private void seek() throws IOException {
        if (moved && seekable && !appending) {
            channel.position(channelPosition);
        }
        moved = false;
    }

    /**
     * How large the file is, with what was written here.
     *
     * @return its size in bytes
     * @throws IOException if it can't be found out
     * @throws Cancelled if the scope is cancelled
     */
    public long size() throws IOException {
        return inUse(() -> {
            settle();
            if (behind.position() > 0) {
                drain(null);
            }
            Size size = new Size();
            feed.next(() -> size.take(channel));
            return size.result(path);
        });
    }

    /** What the file system says about the size; on the pool, perhaps after nobody wants to know it any more. */
    private static final class Size {
        private long bytes;
        private @Nullable IOException failure;

        ByteBuffer take(SeekableByteChannel channel) {
            try {
                bytes = channel.size();
            } catch (IOException e) {
                failure = e; // of no interest to the next read
            }
            return NO_READ;
        }

        long result(Path path) throws IOException {
            if (failure != null) {
                throw Disk.named(path, failure);
            }
            return bytes;
        }
    }

    private static void checkNotNegative(String what, long value) {
        if (value < 0) {
            throw new IllegalArgumentException("the " + what + " is " + value + "; it can't be negative");
        }
    }

    // ---------------------------------------------------------------- use and end

    private interface Use<T> {
        T run() throws IOException;
    }

    private <T> T inUse(Use<? extends T> use) throws IOException {
        begin();
        try {
            Async.checkpoint();
            if (closed) {
                throw new IllegalStateException(path + " is closed");
            }
            return use.run();
        } finally {
            busy.set(false);
        }
    }

    private void use(Disk.Change use) throws IOException {
        inUse(() -> {
            use.run();
            return true;
        });
    }

    private void begin() {
        if (!busy.compareAndSet(false, true)) {
            throw new IllegalStateException(
                    "two tasks use " + path + " in the same moment; let each open it, or share it" + " under a Mutex");
        }
    }

    /** Waits for a read that was left behind, and keeps what it has read. */
    private void settle() throws IOException {
        if (feed.isBehind()) {
            ByteBuffer read = feed.next(() -> NOTHING);
            ByteBuffer before = ahead;
            collected(read);
            if (before.hasRemaining()) {
                ahead = ByteBuffer.allocate(before.remaining() + read.remaining())
                        .put(before)
                        .put(read)
                        .flip();
            }
        }
    }

    /**
     * Writes what was collected and closes the file. Idempotent. Shielded: a cancelled task waits for it too, for at most
     * the grace of the enclosing {@code run} (10 s unless said otherwise). If a read that was left behind still hangs, it
     * does not wait for that: the file is closed when the read ends.
     *
     * @throws IOException if what was collected can't be written; the file is closed all the same
     * @throws Cancelled if the grace was over before there was a place in the pool; what was collected is lost
     */
    @Override
    public void close() throws IOException {
        begin();
        try {
            if (closed) {
                return;
            }
            closed = true;
            if (feed.closesBehind()) {
                return;
            }
            closeNow();
        } finally {
            busy.set(false);
        }
    }

    private void closeNow() throws IOException {
        if (!writable) {
            channel.close(); // has nothing to wait for
            return;
        }
        try (Closeable _ = channel; // if it could not be closed on the pool: it must not stay open
                ResourceStack shield = new ResourceStack()) {
            shield.<IOException>defer(() -> Disk.change(path, () -> {
                try (channel) {
                    drainNow();
                }
            }));
        }
    }

    @Override
    public String toString() {
        return path + (closed ? ", closed" : ", at " + position());
    }
}
