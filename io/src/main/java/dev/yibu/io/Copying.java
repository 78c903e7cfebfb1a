package dev.yibu.io;

import dev.yibu.Async;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.CopyOption;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Copies a file, a large one in chunks, since {@code Files.copy} can't be stopped. */
final class Copying {
    /** So much the operating system copies before somebody looks whether it is still wanted. */
    private static final int CHUNK = 8 * 1024 * 1024;

    private static final Set<StandardOpenOption> NEW = Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);

    private Copying() {}

    /** On the pool. */
    static void copyNow(Path source, Path target, Set<CopyOption> options) throws IOException {
        if (isLarge(source, options) && !isSame(source, target)) {
            copyLarge(source, target, options);
        } else {
            Files.copy(source, target, options.toArray(new CopyOption[0]));
        }
    }

    /** Whether it is an ordinary large file, and its copy an ordinary one: the JDK knows best about everything else. */
    private static boolean isLarge(Path source, Set<CopyOption> options) throws IOException {
        BasicFileAttributes attributes =
                Files.readAttributes(source, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        return attributes.isRegularFile()
                && attributes.size() > CHUNK
                && Set.of(
                                StandardCopyOption.REPLACE_EXISTING,
                                StandardCopyOption.COPY_ATTRIBUTES,
                                LinkOption.NOFOLLOW_LINKS)
                        .containsAll(options);
    }

    private static boolean isSame(Path source, Path target) throws IOException {
        return Files.exists(target) && Files.isSameFile(source, target);
    }

    private static void copyLarge(Path source, Path target, Set<CopyOption> options) throws IOException {
        try (FileChannel in = FileChannel.open(source)) {
            if (options.contains(StandardCopyOption.REPLACE_EXISTING)) {
                Files.deleteIfExists(target);
            }
            FileChannel opened =
                    FileChannel.open(target, NEW, permissions(source, target)); // until here it is not ours
            try (FileChannel out = opened) {
                copy(in, out);
                if (options.contains(StandardCopyOption.COPY_ATTRIBUTES)) {
                    out.force(false); // a later write of the system would change the time again on some file systems
                }
            } catch (Throwable t) {
                takeBack(target, t);
                throw t;
            }
        }
        if (options.contains(StandardCopyOption.COPY_ATTRIBUTES)) {
            copyAttributes(source, target);
        }
    }

    private static void copy(FileChannel in, FileChannel out) throws IOException {
        long position = 0;
        long copied;
        do {
            Async.checkpoint();
            copied = in.transferTo(position, CHUNK, out);
            position += copied;
        } while (copied > 0);
    }

    private static void takeBack(Path target, Throwable because) {
        try {
            Files.deleteIfExists(target);
        } catch (IOException e) {
            because.addSuppressed(e);
        }
    }

    private static FileAttribute<?>[] permissions(Path source, Path target) throws IOException {
        PosixFileAttributeView from = Files.getFileAttributeView(source, PosixFileAttributeView.class);
        boolean both = from != null
                && target.getFileSystem().supportedFileAttributeViews().contains("posix");
        return both
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(from.readAttributes().permissions())
                }
                : new FileAttribute<?>[0];
    }

    private static void copyAttributes(Path source, Path target) throws IOException {
        BasicFileAttributes from = Files.readAttributes(source, BasicFileAttributes.class);
        PosixFileAttributeView posix = Files.getFileAttributeView(target, PosixFileAttributeView.class);
        PosixFileAttributeView original = Files.getFileAttributeView(source, PosixFileAttributeView.class);
        if (posix != null && original != null) {
            var attributes = original.readAttributes();
            try {
                posix.setGroup(attributes.group());
                posix.setOwner(attributes.owner());
            } catch (IOException e) {
                // Only a privileged process may give files away; Files.copy passes over it too.
            }
            posix.setPermissions(attributes.permissions());
        }
        Files.getFileAttributeView(target, BasicFileAttributeView.class)
                .setTimes(from.lastModifiedTime(), from.lastAccessTime(), from.creationTime());
    }
}
