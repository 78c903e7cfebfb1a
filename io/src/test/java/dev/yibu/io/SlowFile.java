package dev.yibu.io;

import dev.yibu.testkit.ForeignLatch;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.FileStore;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.spi.FileSystemProvider;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The only file, with the byte 'x', of a file system whose opens, reads and sizes hang in latches, if it has them. It can't
 * be closed while a call hangs: that of the JDK would wait.
 */
final class SlowFile {
    final AtomicInteger open = new AtomicInteger();
    final AtomicInteger opened = new AtomicInteger();
    private final AtomicInteger hanging = new AtomicInteger();
    private final ForeignLatch opening;
    private final ForeignLatch reading;

    SlowFile(ForeignLatch opening, ForeignLatch reading) {
        this.opening = opening;
        this.reading = reading;
    }

    Path path() {
        Path[] path = new Path[1];
        System system = new System();
        path[0] = (Path) Proxy.newProxyInstance(
                SlowFile.class.getClassLoader(),
                new Class<?>[] {Path.class},
                (_, method, _) -> switch (method.getName()) {
                    case "getFileSystem" -> system;
                    case "toString" -> "slow file";
                    default -> throw new UnsupportedOperationException(method.toString());
                });
        return path[0];
    }

    private static void pass(ForeignLatch latch) {
        try {
            if (latch != null) {
                latch.await();
            }
        } catch (InterruptedException e) {
            throw new AssertionError("a worker is never interrupted", e);
        }
    }

    private final class Channel implements SeekableByteChannel {
        private long position;
        private boolean closed;

        private void passReading() {
            hanging.incrementAndGet();
            pass(reading);
            hanging.decrementAndGet();
        }

        @Override
        public int read(ByteBuffer target) {
            passReading();
            if (position > 0) {
                return -1;
            }
            target.put((byte) 'x');
            position++;
            return 1;
        }

        @Override
        public int write(ByteBuffer source) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long position() {
            return position;
        }

        @Override
        public SeekableByteChannel position(long position) {
            this.position = position;
            return this;
        }

        @Override
        public long size() {
            passReading();
            return 1;
        }

        @Override
        public SeekableByteChannel truncate(long size) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean isOpen() {
            return !closed;
        }

        @Override
        public void close() {
            if (hanging.get() > 0) {
                throw new AssertionError("closed while a call hangs");
            }
            if (!closed) {
                closed = true;
                open.decrementAndGet();
            }
        }
    }

    private final class Provider extends BareFileSystem.BareProvider {
        @Override
        public SeekableByteChannel newByteChannel(
                Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes) {
            pass(opening);
            opened.incrementAndGet();
            open.incrementAndGet();
            return new Channel();
        }

        @Override
        public String getScheme() {
            return "slow";
        }

        @Override
        public boolean isSameFile(Path path, Path other) {
            return path == other;
        }

        @Override
        public boolean isHidden(Path path) {
            return false;
        }

        @Override
        public void checkAccess(Path path, AccessMode... modes) {}
    }

    private final class System extends BareFileSystem {
        private final Provider provider = new Provider();

        @Override
        public FileSystemProvider provider() {
            return provider;
        }

        @Override
        public boolean isReadOnly() {
            return true;
        }

        @Override
        public Iterable<Path> getRootDirectories() {
            return Set.of();
        }

        @Override
        public Iterable<FileStore> getFileStores() {
            return Set.of();
        }
    }
}
