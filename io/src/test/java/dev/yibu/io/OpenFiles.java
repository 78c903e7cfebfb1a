package dev.yibu.io;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What this process has open below a folder, from the list that Linux keeps. */
final class OpenFiles {
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    private OpenFiles() {}

    static List<String> below(Path folder) {
        List<String> open = new ArrayList<>();
        try (Stream<Path> descriptors = Files.list(DESCRIPTORS)) {
            for (Path descriptor : descriptors.toList()) {
                try {
                    String target = Files.readSymbolicLink(descriptor).toString();
                    if (target.startsWith(folder.toRealPath().toString())) {
                        open.add(target);
                    }
                } catch (NoSuchFileException e) {
                    // it was that of this list, or of another thread
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return open;
    }

    static void untilNoneBelow(Path folder) {
        Polling.until("nothing is open below " + folder, () -> below(folder).isEmpty());
    }
}
