package dev.yibu.io;

import dev.yibu.Async;
import dev.yibu.Coroutine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** How this module gets at the file system: always on the blocking pool, and what only reads may be left behind there. */
final class Disk {
    /** How much is written, or read of a whole file, before somebody looks whether that is still wanted. */
    static final int CHUNK = 256 * 1024;

    private Disk() {}

    /** A call that changes nothing: a cancelled caller leaves it behind. */
    static <T extends @Nullable Object> T read(Path path, Coroutine<? extends T, ? extends IOException> body)
            throws IOException {
        return Disk.<T>read(path, body, _ -> {});
    }

    /** The same for a value that is to be given back if nobody gets it. */
    static <T extends @Nullable Object> T read(
            Path path, Coroutine<? extends T, ? extends IOException> body, Consumer<? super T> onDiscard)
            throws IOException {
        try {
            return Async.<T, IOException>abandon(body, onDiscard);
        } catch (IOException | UncheckedIOException e) {
            throw named(path, e);
        }
    }

    /** A call that changes something: a cancelled caller waits for it; between chunks it looks for itself. */
    static <T extends @Nullable Object> T write(Path path, Coroutine<? extends T, ? extends IOException> body)
            throws IOException {
        try {
            return Async.<T, IOException>blocking(body);
        } catch (IOException | UncheckedIOException e) {
            throw named(path, e);
        }
    }

    /** Changes something. */
    @FunctionalInterface
    interface Change {
        void run() throws IOException;
    }

    /** {@link #write} for what yields nothing. */
    static void change(Path path, Change change) throws IOException {
        write(path, () -> {
            change.run();
            return true;
        });
    }

    /** The JDK does not say in which file "No space left on device" or "Is a directory" happened. */
    static IOException named(Path path, Exception exception) {
        if (exception instanceof UncheckedIOException unchecked) {
            return named(path, Objects.requireNonNull(unchecked.getCause()));
        }
        if (exception.getClass() != IOException.class) {
            return (IOException) exception;
        }
        IOException named = new FileSystemException(path.toString(), null, exception.getMessage());
        named.initCause(exception);
        return named;
    }
}
