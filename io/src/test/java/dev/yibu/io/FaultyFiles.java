package dev.yibu.io;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.FileSystems;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.spi.FileSystemProvider;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/** The ordinary file system, whose opens a test can refuse or lead somewhere else, and whose reads can fail. */
final class FaultyFiles {
    /** Decides what is opened in place of a file. */
    @FunctionalInterface
    interface Opening {
        Path instead(Path path, Set<? extends OpenOption> options) throws IOException;
    }

    private final Opening opening;
    private final int goodReads;
    private final System system = new System();

    FaultyFiles(Opening opening) {
        this(opening, Integer.MAX_VALUE);
    }

    private FaultyFiles(Opening opening, int goodReads) {
        this.opening = opening;
        this.goodReads = goodReads;
    }

    /** Of each channel so many reads succeed, and all others fail. */
    static FaultyFiles failingAfter(int goodReads) {
        return new FaultyFiles((path, _) -> path, goodReads);
    }

    private SeekableByteChannel failing(SeekableByteChannel channel) {
        if (goodReads == Integer.MAX_VALUE) {
            return channel;
        }
        AtomicInteger reads = new AtomicInteger();
        return (SeekableByteChannel) Proxy.newProxyInstance(
                FaultyFiles.class.getClassLoader(), new Class<?>[] {SeekableByteChannel.class}, (_, method, args) -> {
                    if (method.getName().equals("read") && reads.incrementAndGet() > goodReads) {
                        throw new IOException("Input/output error");
                    }
                    return invoked(method, channel, args);
                });
    }

    private static Object invoked(Method method, Object on, Object... arguments) throws Throwable {
        try {
            return method.invoke(on, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    /** The same place, in this file system. */
    Path path(Path real) {
        return (Path) Proxy.newProxyInstance(
                FaultyFiles.class.getClassLoader(), new Class<?>[] {Path.class}, (self, method, args) -> {
                    switch (method.getName()) {
                        case "getFileSystem" -> {
                            return system;
                        }
                        case "equals" -> {
                            return args[0] instanceof Path other && real.equals(real(other));
                        }
                        default -> {
                            Object[] reals = args == null ? null : args.clone();
                            for (int i = 0; reals != null && i < reals.length; i++) {
                                reals[i] = reals[i] instanceof Path path ? real(path) : reals[i];
                            }
                            Object result = invoked(method, real, reals);
                            return result instanceof Path path ? path(path) : result;
                        }
                    }
                });
    }

    private static Path real(Path path) {
        return Path.of(path.toString());
    }

    private static FileSystemProvider provider() {
        return FileSystems.getDefault().provider();
    }

    private final class Provider extends BareFileSystem.BareProvider {
        @Override
        public SeekableByteChannel newByteChannel(
                Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes) throws IOException {
            return failing(provider().newByteChannel(opening.instead(real(path), options), options, attributes));
        }

        @Override
        public FileChannel newFileChannel(Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
                throws IOException {
            return provider().newFileChannel(opening.instead(real(path), options), options, attributes);
        }

        @Override
        public void delete(Path path) throws IOException {
            provider().delete(real(path));
        }

        @Override
        public void copy(Path source, Path target, CopyOption... options) throws IOException {
            provider().copy(real(source), real(target), options);
        }

        @Override
        public void move(Path source, Path target, CopyOption... options) throws IOException {
            provider().move(real(source), real(target), options);
        }

        @Override
        public boolean isSameFile(Path path, Path other) throws IOException {
            return provider().isSameFile(real(path), real(other));
        }

        @Override
        public void checkAccess(Path path, AccessMode... modes) throws IOException {
            provider().checkAccess(real(path), modes);
        }

        @Override
        public <V extends FileAttributeView> V getFileAttributeView(Path path, Class<V> type, LinkOption... options) {
            return provider().getFileAttributeView(real(path), type, options);
        }

        @Override
        public <A extends BasicFileAttributes> A readAttributes(Path path, Class<A> type, LinkOption... options)
                throws IOException {
            return provider().readAttributes(real(path), type, options);
        }

        @Override
        public String getScheme() {
            return "faulty";
        }
    }

    private final class System extends BareFileSystem {
        private final Provider provider = new Provider();

        @Override
        public FileSystemProvider provider() {
            return provider;
        }

        @Override
        public Set<String> supportedFileAttributeViews() {
            return FileSystems.getDefault().supportedFileAttributeViews();
        }

        @Override
        public String getSeparator() {
            return FileSystems.getDefault().getSeparator();
        }

        @Override
        public Path getPath(String first, String... more) {
            return path(Path.of(first, more));
        }
    }
}
