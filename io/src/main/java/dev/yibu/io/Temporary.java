package dev.yibu.io;

import dev.yibu.Cancelled;
import dev.yibu.ResourceStack;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A temporary file, or a temporary folder with everything in it, that is deleted at the end of a try-with-resources block.
 * Made by {@link AsyncFiles#temporaryFile()} and {@link AsyncFiles#temporaryFolder()}; only its owner may read it.
 *
 * {@snippet file="dev/yibu/io/Snippets.java" region=temporary}
 *
 * <p>It belongs to no scope: what is not closed is not deleted.
 *
 * <p><b>Thread-safety.</b> Any task may use the path; one closes it.
 */
public final class Temporary implements AutoCloseable {
    private final Path path;

    Temporary(Path path) {
        this.path = path;
    }

    /**
     * Where it is.
     *
     * @return the file or folder
     */
    public Path path() {
        return path;
    }

    /**
     * Deletes it; a folder with everything in it, links but not what they lead to. What is gone already is no error.
     * Shielded: a cancelled task waits for it too, for at most the grace of the enclosing {@code run} (10 s unless said
     * otherwise).
     *
     * @throws IOException if something can't be deleted; everything else is
     * @throws Cancelled if the grace was over first; a part of it may be left
     */
    @Override
    public void close() throws IOException {
        try (ResourceStack shield = new ResourceStack()) {
            shield.<IOException>defer(() -> Disk.change(path, () -> Trees.deleteNow(path)));
        }
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
