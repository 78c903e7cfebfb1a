package dev.yibu.io;

import dev.yibu.Async;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/** Trees of folders that go away. */
final class Trees {
    private Trees() {}

    /** On the pool. Deletes what it can, and links but not what they lead to; then throws the first failure. */
    static void deleteNow(Path root) throws IOException {
        Deletion deletion = new Deletion();
        Files.walkFileTree(root, deletion);
        if (deletion.failure != null) {
            throw deletion.failure;
        }
    }

    private static final class Deletion extends SimpleFileVisitor<Path> {
        private @Nullable IOException failure;

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            Async.checkpoint();
            return delete(file);
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException exception) {
            if (!(exception instanceof NoSuchFileException)) {
                keep(exception);
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException exception) {
            if (exception != null) {
                keep(exception);
            }
            return delete(folder);
        }

        private FileVisitResult delete(Path path) {
            try {
                Files.deleteIfExists(path); // somebody else may be faster
            } catch (IOException e) {
                keep(e);
            }
            return FileVisitResult.CONTINUE;
        }

        private void keep(IOException exception) {
            if (failure == null) {
                failure = exception;
            } else if (failure.getSuppressed().length < 32) {
                failure.addSuppressed(exception);
            }
        }
    }
}
