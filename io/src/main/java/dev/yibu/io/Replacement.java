package dev.yibu.io;

import dev.yibu.Async;
import dev.yibu.AsyncConsumer;
import dev.yibu.ResourceStack;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A new content for a file, all of it or none: written to a file beside it, brought to the disk, and renamed. The folder is
 * brought to the disk as well, or else the rename could be lost in a crash although the caller was told that it is done.
 */
final class Replacement {
    private static final Set<StandardOpenOption> NEW = Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
    private static final int ATTEMPTS = 100;

    private final Path target;
    private final Path temporary;

    private Replacement(Path target, Path temporary) {
        this.target = target;
        this.temporary = temporary;
    }

    /** All in one trip to the pool; cancelled between chunks, it takes back what it has done. */
    static void write(Path path, ByteBuffer bytes) throws IOException {
        Disk.change(path, () -> {
            Replacement replacement = begin(path);
            try {
                try (FileChannel channel = FileChannel.open(replacement.temporary, StandardOpenOption.WRITE)) {
                    WholeFile.writeNow(channel, bytes);
                    channel.force(true);
                }
                replacement.putInPlace();
            } catch (Throwable t) {
                replacement.takeBack(t);
                throw t;
            }
        });
    }

    /** Piece by piece. */
    static <X extends Throwable> void write(Path path, AsyncConsumer<? super AsyncFile, ? extends X> body)
            throws X, IOException {
        Async.checkpoint();
        Replacement replacement = Disk.write(path, () -> begin(path));
        try (ResourceStack cleanUp = new ResourceStack()) {
            cleanUp.<IOException>defer(() -> Disk.write(path, () -> Files.deleteIfExists(replacement.temporary)));
            try (AsyncFile file = AsyncFile.open(replacement.temporary, Set.of(StandardOpenOption.WRITE))) {
                body.accept(file);
                file.force(true);
            }
            Disk.change(path, replacement::putInPlace);
        }
    }

    /** On the pool. */
    private static Replacement begin(Path path) throws IOException {
        Path target = followed(path);
        Replacement replacement = new Replacement(target, create(target));
        try {
            replacement.inherit();
        } catch (Throwable t) {
            replacement.takeBack(t);
            throw t;
        }
        return replacement;
    }

    /** What a link leads to is replaced, not the link. */
    private static Path followed(Path path) throws IOException {
        try {
            return Files.isSymbolicLink(path) ? path.toRealPath() : path.toAbsolutePath();
        } catch (NoSuchFileException e) { // it leads to what is not there yet
            Path beside = path.toAbsolutePath().getParent();
            Path link = Files.readSymbolicLink(path);
            return beside == null ? link : beside.resolve(link);
        }
    }

    /** A file beside it with the usual permissions of new files. */
    private static Path create(Path target) throws IOException {
        Path name = target.getFileName();
        for (int attempt = 1; ; attempt++) {
            String suffix = Long.toHexString(Async.random().nextLong());
            Path temporary = target.resolveSibling("." + name + "." + suffix + ".tmp");
            try {
                Files.newByteChannel(temporary, NEW).close();
                return temporary;
            } catch (NoSuchFileException e) { // which names a file that the caller does not know
                NoSuchFileException named =
                        new NoSuchFileException(target.toString(), null, "its folder does not exist");
                named.initCause(e);
                throw named;
            } catch (FileAlreadyExistsException e) {
                if (attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    /** The permissions and, where that is allowed, the owner of the file that is replaced. */
    private void inherit() throws IOException {
        PosixFileAttributeView view = Files.getFileAttributeView(temporary, PosixFileAttributeView.class);
        PosixFileAttributes old = view == null ? null : attributesOf(target);
        if (view == null || old == null) {
            return;
        }
        PosixFileAttributes own = view.readAttributes();
        try {
            if (!old.group().equals(own.group())) {
                view.setGroup(old.group());
            }
            if (!old.owner().equals(own.owner())) {
                view.setOwner(old.owner());
            }
        } catch (IOException e) {
            // Only a privileged process may give files away: to the others the new file belongs.
        }
        view.setPermissions(old.permissions()); // after the owner, whose change takes some of them away
    }

    private static @Nullable PosixFileAttributes attributesOf(Path path) throws IOException {
        try {
            return Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    /** The folder is opened first: if that is not possible, nothing has changed yet. */
    private void putInPlace() throws IOException {
        Path folder = target.getParent();
        boolean canBeForced = folder != null
                && folder.getFileSystem().supportedFileAttributeViews().contains("posix");
        try (FileChannel opened = canBeForced ? FileChannel.open(folder) : null) {
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
            if (opened != null) {
                force(opened);
            }
        }
    }

    private void force(FileChannel folder) throws IOException {
        try {
            folder.force(true);
        } catch (IOException e) {
            FileSystemException named = new FileSystemException(
                    target.toString(),
                    null,
                    "it has its new content, but its folder could not be brought to the disk: after a crash it may have"
                            + " the old one again");
            named.initCause(e);
            throw named;
        }
    }

    private void takeBack(Throwable because) {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            because.addSuppressed(e);
        }
    }
}
