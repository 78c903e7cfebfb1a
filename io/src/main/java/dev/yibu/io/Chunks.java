package dev.yibu.io;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The rest of a file in chunks. */
final class Chunks extends Pieces<byte[]> {
    private final AsyncFile file;
    private final int size;
    private final boolean closesFile;

    Chunks(AsyncFile file, int size, boolean closesFile) {
        if (size < 1) {
            throw new IllegalArgumentException("the size is " + size + "; one byte is the smallest chunk");
        }
        this.file = file;
        this.size = size;
        this.closesFile = closesFile;
    }

    @Override
    byte @Nullable [] read() throws IOException {
        byte[] chunk = file.chunk(size);
        return chunk.length == 0 ? null : chunk;
    }

    @Override
    public void close() throws IOException {
        if (closesFile) {
            file.close();
        }
    }
}
