package dev.yibu.io;

import dev.yibu.Async;
import dev.yibu.AsyncConsumer;
import dev.yibu.Cancelled;
import dev.yibu.stream.AsyncIterable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.CopyOption;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Files for tasks, under the names of {@link Files}. Compare {@code aiofiles}.
 *
 * {@snippet file="dev/yibu/io/Snippets.java" region=files}
 *
 * <p><b>Why not {@code Files}.</b> A virtual thread that waits for a file holds its carrier, of which there are as many as
 * processors: two reads that hang, of a pipe or of a server that is gone, stop every task of a machine with two. Here all
 * of it happens on the pool of {@link Async#blocking}, in one trip for a whole file or a large chunk; tasks that
 * need no file never notice.
 *
 * <p><b>Cancellation.</b> Each method is a checkpoint, and has done nothing if it throws {@link Cancelled} there or while it
 * waits for a place in the pool. After that it depends on what it does.
 *
 * <ul>
 *   <li>What only reads or looks is left behind: the caller goes on at once, however long the disk takes, and the place in
 *       the pool is free for others. If 256 calls that were left behind have not ended, a further one is refused with an
 *       {@link IllegalStateException}; see {@link Async#abandon}.
 *   <li>What changes something is waited for, since nobody could tell what it is going to do. Contents are written in
 *       chunks of 256 KiB, and copied in chunks of 8 MiB; the chunk in hand is finished.
 * </ul>
 *
 * <p><b>Failure.</b> Exceptions are those of {@link Files}. Where the JDK does not say which file it speaks of, the message
 * names it.
 *
 * <p><b>Thread-safety.</b> Any thread may call any method, inside {@code run} or not, save where it is said. What happened
 * before a call is visible to it, and what it did is visible after it.
 */
public final class AsyncFiles {
    /** How many characters a line has at most, unless said otherwise: 16,777,216. */
    public static final int DEFAULT_LONGEST_LINE = 1 << 24;

    /** How many files are read or written at a time, unless said otherwise: 8. */
    public static final int DEFAULT_CONCURRENCY = 8;

    private static final Set<StandardOpenOption> NEW_CONTENT =
            Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING);
    private static final Set<StandardOpenOption> MORE_CONTENT =
            Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE, StandardOpenOption.APPEND);

    private AsyncFiles() {}

    // ---------------------------------------------------------------- open files

    /**
     * Opens a file. Compare {@code aiofiles.open}.
     *
     * <p>A cancelled caller does not wait for an open that only reads: a file that is opened in vain is closed. It waits for
     * one that writes, also for the reader of a named pipe.
     *
     * @param path the file
     * @param options how, as for {@link Files#newByteChannel(Path, OpenOption...)}; none means for reading
     * @return the open file, which belongs to no scope: close it
     * @throws IOException if it can't be opened
     * @throws Cancelled if the scope is cancelled; nothing is open
     */
    public static AsyncFile open(Path path, OpenOption... options) throws IOException {
        return AsyncFile.open(Objects.requireNonNull(path, "path"), Set.copyOf(List.of(options)));
    }

    /**
     * Opens a file for writing from its beginning; it is created, or what it has is deleted. Compare mode {@code "w"}.
     *
     * @param path the file
     * @return the open file, which belongs to no scope: close it
     * @throws IOException if it can't be opened
     * @throws Cancelled if the scope is cancelled; nothing has changed
     */
    public static AsyncFile openForWrite(Path path) throws IOException {
        return AsyncFile.open(Objects.requireNonNull(path, "path"), NEW_CONTENT);
    }

    /**
     * Opens a file for writing at its end; it is created if it is missing. Compare mode {@code "a"}.
     *
     * @param path the file
     * @return the open file, which belongs to no scope: close it
     * @throws IOException if it can't be opened
     * @throws Cancelled if the scope is cancelled; nothing has changed
     */
    public static AsyncFile openForAppend(Path path) throws IOException {
        return AsyncFile.open(Objects.requireNonNull(path, "path"), MORE_CONTENT);
    }

    // ---------------------------------------------------------------- whole files

    /**
     * Reads a file.
     *
     * @param path the file
     * @return all that it has
     * @throws IOException if it can't be read, or has more bytes than an array holds
     * @throws Cancelled if the scope is cancelled; a read that hangs is left behind
     */
    public static byte[] readBytes(Path path) throws IOException {
        return WholeFile.read(Objects.requireNonNull(path, "path"));
    }

    /**
     * Reads a file as text in UTF-8.
     *
     * @param path the file
     * @return all that it has
     * @throws MalformedTextException if it is not UTF-8
     * @throws IOException if it can't be read
     * @throws Cancelled if the scope is cancelled; a read that hangs is left behind
     */
    public static String readString(Path path) throws IOException {
        return readString(path, StandardCharsets.UTF_8);
    }

    /**
     * Reads a file as text.
     *
     * @param path the file
     * @param charset what its bytes mean
     * @return all that it has
     * @throws MalformedTextException if it is not in that charset
     * @throws IOException if it can't be read
     * @throws Cancelled if the scope is cancelled; a read that hangs is left behind
     */
    public static String readString(Path path, Charset charset) throws IOException {
        Objects.requireNonNull(charset, "charset");
        return Text.decode(path, readBytes(path), charset);
    }

    /**
     * Writes a file; without options it is created, or what it had is replaced. To have either the old content or the new
     * one, whatever happens, see {@link #replaceBytes}.
     *
     * @param path the file
     * @param bytes what it is to have; don't change it meanwhile
     * @param options how, as for {@link Files#write(Path, byte[], OpenOption...)}
     * @throws IOException if it can't be written
     * @throws Cancelled if the scope is cancelled; the chunks that were written stay
     */
    public static void writeBytes(Path path, byte[] bytes, OpenOption... options) throws IOException {
        Objects.requireNonNull(path, "path");
        WholeFile.write(path, ByteBuffer.wrap(Objects.requireNonNull(bytes, "bytes")), toWrite(options));
    }

    /**
     * Writes a file as text in UTF-8; see {@link #writeBytes}.
     *
     * @param path the file
     * @param text what it is to have
     * @param options how, as for {@link Files#writeString(Path, CharSequence, OpenOption...)}
     * @throws MalformedTextException if the text can't be written; the file has not changed
     * @throws IOException if it can't be written
     * @throws Cancelled if the scope is cancelled; the chunks that were written stay
     */
    public static void writeString(Path path, CharSequence text, OpenOption... options) throws IOException {
        writeString(path, text, StandardCharsets.UTF_8, options);
    }

    /**
     * Writes a file as text; see {@link #writeBytes}.
     *
     * @param path the file
     * @param text what it is to have
     * @param charset how to write it
     * @param options how, as for {@link Files#writeString(Path, CharSequence, Charset, OpenOption...)}
     * @throws MalformedTextException if the text can't be written in that charset; the file has not changed
     * @throws IOException if it can't be written
     * @throws Cancelled if the scope is cancelled; the chunks that were written stay
     */
    public static void writeString(Path path, CharSequence text, Charset charset, OpenOption... options)
            throws IOException {
        WholeFile.write(path, encoded(path, text, charset), toWrite(options));
    }

    /**
     * Adds to the end of a file, which is created if it is missing.
     *
     * @param path the file
     * @param bytes what to add; don't change it meanwhile
     * @throws IOException if it can't be written
     * @throws Cancelled if the scope is cancelled; the chunks that were added stay
     */
    public static void append(Path path, byte[] bytes) throws IOException {
        Objects.requireNonNull(path, "path");
        WholeFile.write(path, ByteBuffer.wrap(Objects.requireNonNull(bytes, "bytes")), MORE_CONTENT);
    }

    /**
     * Adds text in UTF-8 to the end of a file, which is created if it is missing.
     *
     * @param path the file
     * @param text what to add
     * @throws MalformedTextException if the text can't be written; the file has not changed
     * @throws IOException if it can't be written
     * @throws Cancelled if the scope is cancelled; the chunks that were added stay
     */
    public static void append(Path path, CharSequence text) throws IOException {
        WholeFile.write(path, encoded(path, text, StandardCharsets.UTF_8), MORE_CONTENT);
    }

    private static ByteBuffer encoded(Path path, CharSequence text, Charset charset) throws IOException {
        Objects.requireNonNull(path, "path");
        Objects.requireNonNull(text, "text");
        return Text.encode(path, text, Objects.requireNonNull(charset, "charset"));
    }

    private static Set<? extends OpenOption> toWrite(OpenOption... options) {
        if (options.length == 0) {
            return NEW_CONTENT;
        }
        Set<OpenOption> all = new LinkedHashSet<>(List.of(options));
        if (all.contains(StandardOpenOption.READ)) {
            throw new IllegalArgumentException("READ makes no sense here: it is going to be written");
        }
        all.add(StandardOpenOption.WRITE);
        return all;
    }

    // ---------------------------------------------------------------- atomic replacement

    /**
     * Replaces what a file has, all at once: whoever reads it finds the old content or the new one, whatever happens, a
     * crash of the machine included. It is written to a file beside it, which is brought to the disk and renamed; the file
     * is created if it is missing. Permissions stay, also the owner if that is allowed; what a link leads to is replaced,
     * not the link.
     *
     * <p>After the renaming the folder is brought to the disk too. If the disk refuses just that, an exception says so: then
     * readers find the new content, but a crash of the machine may bring the old one back. After every other exception the
     * file has its old content.
     *
     * @param path the file
     * @param bytes what it is to have; don't change it meanwhile
     * @throws IOException if that is not possible; the old content is whole, but for the one case above
     * @throws Cancelled if the scope is cancelled; the old content is whole
     */
    public static void replaceBytes(Path path, byte[] bytes) throws IOException {
        Objects.requireNonNull(path, "path");
        Replacement.write(path, ByteBuffer.wrap(Objects.requireNonNull(bytes, "bytes")));
    }

    /**
     * Replaces what a file has by text in UTF-8, all at once; see {@link #replaceBytes}.
     *
     * @param path the file
     * @param text what it is to have
     * @throws IOException as there
     * @throws Cancelled if the scope is cancelled; the old content is whole
     */
    public static void replaceString(Path path, CharSequence text) throws IOException {
        Replacement.write(path, encoded(path, text, StandardCharsets.UTF_8));
    }

    /**
     * Replaces what a file has, all at once, by what a block writes piece by piece; see {@link #replaceBytes}. If the block
     * throws or is cancelled, the file stays as it is.
     *
     * {@snippet file="dev/yibu/io/Snippets.java" region=replace}
     *
     * @param path the file
     * @param body writes the new content; runs on the calling thread
     * @param <X> what it may throw
     * @throws X if it does; the old content is whole
     * @throws IOException as there
     * @throws Cancelled if the scope is cancelled; the old content is whole
     */
    public static <X extends Throwable> void replace(Path path, AsyncConsumer<? super AsyncFile, ? extends X> body)
            throws X, IOException {
        Objects.requireNonNull(path, "path");
        Replacement.<X>write(path, Objects.requireNonNull(body, "body"));
    }

    // ---------------------------------------------------------------- piece by piece

    /**
     * The lines of a file in UTF-8, without their ends, which are {@code \n}, {@code \r} or {@code \r\n}. A line longer than
     * {@link #DEFAULT_LONGEST_LINE} is an error.
     *
     * {@snippet file="dev/yibu/io/Snippets.java" region=lines}
     *
     * @param path the file; it is open from now on
     * @return the lines, once. The file is closed with them, at their end, and at the latest when the enclosing scope ends
     * @throws IOException if the file can't be opened; a later failure, also {@link MalformedTextException}, is thrown by
     *     the iteration, after the lines before it
     * @throws IllegalStateException outside of {@code run} or a task
     * @throws Cancelled if the scope is cancelled; nothing is open
     */
    public static AsyncIterable<String> lines(Path path) throws IOException {
        return lines(path, StandardCharsets.UTF_8);
    }

    /**
     * The lines of a file; see {@link #lines(Path)}.
     *
     * @param path the file; it is open from now on
     * @param charset what its bytes mean
     * @return the lines, once; closed as above
     * @throws IOException if the file can't be opened
     * @throws IllegalStateException outside of {@code run} or a task
     * @throws Cancelled if the scope is cancelled; nothing is open
     */
    public static AsyncIterable<String> lines(Path path, Charset charset) throws IOException {
        return lines(path, charset, DEFAULT_LONGEST_LINE);
    }

    /**
     * The lines of a file, which may be so long and no longer: what has no line ends would fill the memory. See {@link
     * #lines(Path)}.
     *
     * @param path the file; it is open from now on
     * @param charset what its bytes mean
     * @param longest how many characters a line may have; one or more
     * @return the lines, once; closed as above. A longer line is a {@link java.nio.file.FileSystemException}
     * @throws IOException if the file can't be opened
     * @throws IllegalStateException outside of {@code run} or a task
     * @throws Cancelled if the scope is cancelled; nothing is open
     */
    public static AsyncIterable<String> lines(Path path, Charset charset, int longest) throws IOException {
        Objects.requireNonNull(charset, "charset");
        return iterate(path, file -> AsyncIterable.from(new Lines(file, charset, longest, true)));
    }

    /**
     * A file in chunks. All are full but the last, save from a pipe, where a chunk is what was there.
     *
     * @param path the file; it is open from now on
     * @param size how many bytes a chunk has; one or more
     * @return the chunks, once. The file is closed with them, at their end, and at the latest when the enclosing scope ends
     * @throws IOException if the file can't be opened; a later failure is thrown by the iteration
     * @throws IllegalStateException outside of {@code run} or a task
     * @throws Cancelled if the scope is cancelled; nothing is open
     */
    public static AsyncIterable<byte[]> chunks(Path path, int size) throws IOException {
        return iterate(path, file -> AsyncIterable.from(new Chunks(file, size, true)));
    }

    private interface Iteration<T> {
        AsyncIterable<T> of(AsyncFile file);
    }

    private static <T> AsyncIterable<T> iterate(Path path, Iteration<T> iteration) throws IOException {
        AsyncFile file = open(path);
        try {
            return iteration.of(file);
        } catch (Throwable t) { // a bad argument, or no scope
            file.close();
            throw t;
        }
    }

    // ---------------------------------------------------------------- many files

    /**
     * Reads many files, {@link #DEFAULT_CONCURRENCY} at a time.
     *
     * @param paths the files
     * @return what they have, in the order of the files
     * @throws IOException the first failure; the rest is not read
     * @throws Cancelled if the scope is cancelled; reads that hang are left behind
     */
    public static List<byte[]> readAll(Collection<? extends Path> paths) throws IOException {
        return readAll(paths, DEFAULT_CONCURRENCY);
    }

    /**
     * Reads many files, so many at a time.
     *
     * @param paths the files
     * @param concurrency how many; one or more. More help where each file is far away
     * @return what they have, in the order of the files
     * @throws IOException the first failure; the rest is not read
     * @throws Cancelled if the scope is cancelled; reads that hang are left behind
     */
    public static List<byte[]> readAll(Collection<? extends Path> paths, int concurrency) throws IOException {
        return ManyFiles.read(Objects.requireNonNull(paths, "paths"), concurrency);
    }

    /**
     * Reads many files as text in UTF-8, {@link #DEFAULT_CONCURRENCY} at a time.
     *
     * @param paths the files
     * @return what they have, in the order of the files
     * @throws MalformedTextException if one is not UTF-8
     * @throws IOException the first failure; the rest is not read
     * @throws Cancelled if the scope is cancelled; reads that hang are left behind
     */
    public static List<String> readAllStrings(Collection<? extends Path> paths) throws IOException {
        Objects.requireNonNull(paths, "paths");
        return ManyFiles.readStrings(paths, StandardCharsets.UTF_8, DEFAULT_CONCURRENCY);
    }

    /**
     * Writes many files, {@link #DEFAULT_CONCURRENCY} at a time; each is created, or what it had is replaced.
     *
     * @param contents what each file is to have; don't change the arrays meanwhile
     * @throws IOException the first failure; the rest is not written
     * @throws Cancelled if the scope is cancelled; files that were written stay, as do the chunks of those in hand
     */
    public static void writeAll(Map<? extends Path, byte[]> contents) throws IOException {
        writeAll(contents, DEFAULT_CONCURRENCY);
    }

    /**
     * Writes many files, so many at a time; each is created, or what it had is replaced.
     *
     * @param contents what each file is to have; don't change the arrays meanwhile
     * @param concurrency how many; one or more
     * @throws IOException the first failure; the rest is not written
     * @throws Cancelled if the scope is cancelled; files that were written stay, as do the chunks of those in hand
     */
    public static void writeAll(Map<? extends Path, byte[]> contents, int concurrency) throws IOException {
        Objects.requireNonNull(contents, "contents");
        Map<Path, ByteBuffer> buffers = new LinkedHashMap<>();
        contents.forEach((path, bytes) -> buffers.put(path, ByteBuffer.wrap(bytes)));
        ManyFiles.write(buffers, NEW_CONTENT, concurrency);
    }

    /**
     * Writes many files as text in UTF-8, {@link #DEFAULT_CONCURRENCY} at a time; each is created, or what it had is
     * replaced.
     *
     * @param contents what each file is to have
     * @throws MalformedTextException if a text can't be written; no file has changed
     * @throws IOException the first failure; the rest is not written
     * @throws Cancelled if the scope is cancelled; files that were written stay, as do the chunks of those in hand
     */
    public static void writeAllStrings(Map<? extends Path, ? extends CharSequence> contents) throws IOException {
        Objects.requireNonNull(contents, "contents");
        Map<Path, ByteBuffer> buffers = new LinkedHashMap<>();
        for (Map.Entry<? extends Path, ? extends CharSequence> entry : contents.entrySet()) {
            buffers.put(entry.getKey(), encoded(entry.getKey(), entry.getValue(), StandardCharsets.UTF_8));
        }
        ManyFiles.write(buffers, NEW_CONTENT, DEFAULT_CONCURRENCY);
    }

    // ---------------------------------------------------------------- files as a whole

    /**
     * Copies a file; a folder without what is in it, as {@link Files#copy(Path, Path, CopyOption...)}.
     *
     * @param source the file
     * @param target what is to become its copy
     * @param options how
     * @throws IOException if it can't be copied
     * @throws Cancelled if the scope is cancelled; a copy that has begun is deleted, and a file that it replaces is gone
     */
    public static void copy(Path source, Path target, CopyOption... options) throws IOException {
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(target, "target");
        Set<CopyOption> all = Set.copyOf(List.of(options));
        Disk.change(source, () -> Copying.copyNow(source, target, all));
    }

    /**
     * Moves or renames, as {@link Files#move(Path, Path, CopyOption...)}. Once it has begun it is finished, although it has
     * to copy a file to another disk.
     *
     * @param source what is to move
     * @param target what it is to be then
     * @param options how
     * @throws IOException if it can't be moved
     * @throws Cancelled if the scope is cancelled before it begins
     */
    public static void move(Path source, Path target, CopyOption... options) throws IOException {
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(target, "target");
        CopyOption[] all = options.clone();
        Disk.change(source, () -> Files.move(source, target, all));
    }

    /**
     * Deletes a file, a link or an empty folder.
     *
     * @param path what to delete
     * @throws IOException if it can't be deleted; {@link java.nio.file.NoSuchFileException} if it does not exist
     * @throws Cancelled if the scope is cancelled before it begins
     */
    public static void delete(Path path) throws IOException {
        Disk.change(Objects.requireNonNull(path, "path"), () -> Files.delete(path));
    }

    /**
     * Deletes a file, a link or an empty folder, if it exists.
     *
     * @param path what to delete
     * @return whether it existed
     * @throws IOException if it can't be deleted
     * @throws Cancelled if the scope is cancelled before it begins
     */
    public static boolean deleteIfExists(Path path) throws IOException {
        Objects.requireNonNull(path, "path");
        return Disk.write(path, () -> Files.deleteIfExists(path));
    }

    /**
     * Deletes a folder with everything in it, links but not what they lead to. What does not exist is no error.
     *
     * @param path what to delete
     * @throws IOException the first failure; everything else is deleted
     * @throws Cancelled if the scope is cancelled; a part is deleted
     */
    public static void deleteTree(Path path) throws IOException {
        Disk.change(Objects.requireNonNull(path, "path"), () -> Trees.deleteNow(path));
    }

    /**
     * Creates a folder, and those around it that don't exist.
     *
     * @param path the folder; if it exists, that is no error
     * @throws IOException if it can't be created
     * @throws Cancelled if the scope is cancelled before it begins
     */
    public static void createDirectories(Path path) throws IOException {
        Disk.change(Objects.requireNonNull(path, "path"), () -> Files.createDirectories(path));
    }

    // ---------------------------------------------------------------- what there is

    /**
     * Whether something exists, as {@link Files#exists}: no is also the answer where that can't be found out.
     *
     * @param path what to look for
     * @param options {@link LinkOption#NOFOLLOW_LINKS} to ask for a link itself
     * @return whether it exists
     * @throws Cancelled if the scope is cancelled
     */
    public static boolean exists(Path path, LinkOption... options) {
        Objects.requireNonNull(path, "path");
        LinkOption[] all = options.clone();
        return Async.abandon(() -> Files.exists(path, all));
    }

    /**
     * How large a file is.
     *
     * @param path the file
     * @return its size in bytes
     * @throws IOException if that can't be found out
     * @throws Cancelled if the scope is cancelled
     */
    public static long size(Path path) throws IOException {
        Objects.requireNonNull(path, "path");
        return Disk.read(path, () -> Files.size(path));
    }

    /**
     * What is known about a file: its kind, size and times.
     *
     * @param path the file
     * @param options {@link LinkOption#NOFOLLOW_LINKS} to ask about a link itself
     * @return a snapshot
     * @throws IOException if that can't be found out
     * @throws Cancelled if the scope is cancelled
     */
    public static BasicFileAttributes attributes(Path path, LinkOption... options) throws IOException {
        return attributes(path, BasicFileAttributes.class, options);
    }

    /**
     * What is known about a file, as one kind of file system knows it.
     *
     * @param path the file
     * @param type which kind, such as {@link java.nio.file.attribute.PosixFileAttributes}
     * @param options {@link LinkOption#NOFOLLOW_LINKS} to ask about a link itself
     * @param <A> which kind
     * @return a snapshot
     * @throws IOException if that can't be found out
     * @throws UnsupportedOperationException if the file's file system is none of that kind
     * @throws Cancelled if the scope is cancelled
     */
    public static <A extends BasicFileAttributes> A attributes(Path path, Class<A> type, LinkOption... options)
            throws IOException {
        Objects.requireNonNull(path, "path");
        Objects.requireNonNull(type, "type");
        LinkOption[] all = options.clone();
        return Disk.<A>read(path, () -> Files.readAttributes(path, type, all));
    }

    /**
     * What is in a folder, in the order of the names. For folders too large for the memory there is {@link #walk(Path, int,
     * FileVisitOption...)} with a depth of 1.
     *
     * @param path the folder
     * @return its entries, not those of folders below it
     * @throws IOException if it can't be read; {@link java.nio.file.NotDirectoryException} if it is no folder
     * @throws Cancelled if the scope is cancelled
     */
    public static List<Path> list(Path path) throws IOException {
        Objects.requireNonNull(path, "path");
        return Disk.read(path, () -> {
            try (Stream<Path> entries = Files.list(path)) {
                return new ArrayList<>(entries.sorted().toList());
            }
        });
    }

    /**
     * A folder, what is in it, and so on; see {@link #walk(Path, int, FileVisitOption...)}.
     *
     * @param start the folder, which comes first
     * @param options {@link FileVisitOption#FOLLOW_LINKS} to go where links lead
     * @return the entries, once
     * @throws IOException if the folder can't be read
     * @throws IllegalStateException outside of {@code run} or a task
     * @throws Cancelled if the scope is cancelled; nothing is open
     */
    public static AsyncIterable<Path> walk(Path start, FileVisitOption... options) throws IOException {
        return walk(start, Integer.MAX_VALUE, options);
    }

    /**
     * A folder, what is in it, and so on down to a depth: each folder before its entries, which come in no particular
     * order. They are read while somebody asks for them, some hundred at most ahead, so the memory does not depend on their
     * number.
     *
     * @param start the folder, which comes first
     * @param depth how many levels below it; not negative
     * @param options {@link FileVisitOption#FOLLOW_LINKS} to go where links lead
     * @return the entries, once. The folders are closed with them, at their end, and at the latest when the enclosing scope
     *     ends. A folder that can't be read ends them with its {@link IOException}, after those before it; so does, where
     *     links are followed, one that leads back to where it is, by a {@link java.nio.file.FileSystemLoopException}
     * @throws IOException if the folder can't be read
     * @throws IllegalStateException outside of {@code run} or a task
     * @throws Cancelled if the scope is cancelled; nothing is open
     */
    public static AsyncIterable<Path> walk(Path start, int depth, FileVisitOption... options) throws IOException {
        Objects.requireNonNull(start, "start");
        if (depth < 0) {
            throw new IllegalArgumentException("the depth is " + depth + "; it can't be negative");
        }
        Walk walk = Walk.begin(start, depth, options.clone());
        try {
            return AsyncIterable.from(walk);
        } catch (Throwable t) { // no scope
            walk.close();
            throw t;
        }
    }

    // ---------------------------------------------------------------- temporary files

    /**
     * Creates an empty temporary file, in the folder that the system has for them.
     *
     * @return the file; deleted when it is closed
     * @throws IOException if it can't be created
     * @throws Cancelled if the scope is cancelled; nothing is created
     */
    public static Temporary temporaryFile() throws IOException {
        return temporary(Path.of("a temporary file"), () -> Files.createTempFile(null, null));
    }

    /**
     * Creates an empty temporary file.
     *
     * @param folder where
     * @param prefix what its name begins with
     * @param suffix what its name ends with, such as {@code ".png"}
     * @return the file; deleted when it is closed
     * @throws IOException if it can't be created
     * @throws Cancelled if the scope is cancelled; nothing is created
     */
    public static Temporary temporaryFile(Path folder, String prefix, String suffix) throws IOException {
        Objects.requireNonNull(folder, "folder");
        Objects.requireNonNull(prefix, "prefix");
        Objects.requireNonNull(suffix, "suffix");
        return temporary(folder, () -> Files.createTempFile(folder, prefix, suffix));
    }

    /**
     * Creates an empty temporary folder, in the folder that the system has for them.
     *
     * @return the folder; deleted, with everything in it, when it is closed
     * @throws IOException if it can't be created
     * @throws Cancelled if the scope is cancelled; nothing is created
     */
    public static Temporary temporaryFolder() throws IOException {
        return temporary(Path.of("a temporary folder"), () -> Files.createTempDirectory(null));
    }

    /**
     * Creates an empty temporary folder.
     *
     * @param folder where
     * @param prefix what its name begins with
     * @return the folder; deleted, with everything in it, when it is closed
     * @throws IOException if it can't be created
     * @throws Cancelled if the scope is cancelled; nothing is created
     */
    public static Temporary temporaryFolder(Path folder, String prefix) throws IOException {
        Objects.requireNonNull(folder, "folder");
        Objects.requireNonNull(prefix, "prefix");
        return temporary(folder, () -> Files.createTempDirectory(folder, prefix));
    }

    private interface Creation {
        Path run() throws IOException;
    }

    private static Temporary temporary(Path where, Creation creation) throws IOException {
        return Disk.write(where, () -> new Temporary(creation.run()));
    }
}
