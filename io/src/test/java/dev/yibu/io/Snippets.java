package dev.yibu.io;

import static dev.yibu.Async.gather;

import dev.yibu.stream.AsyncIterable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The code that the Javadoc shows; {@code SnippetsTest} runs it. */
final class Snippets {
    private Snippets() {}

    static int files(Path folder) throws IOException {
        // @start region=files
        AsyncFiles.writeString(folder.resolve("greeting.txt"), "hello\n");
        AsyncFiles.append(folder.resolve("greeting.txt"), "world\n");

        List<String> both = gather( // at the same time
                () -> AsyncFiles.readString(folder.resolve("greeting.txt")),
                () -> AsyncFiles.readString(folder.resolve("settings.json")));

        List<byte[]> all = AsyncFiles.readAll(AsyncFiles.list(folder)); // thousands, a few at a time
        // @end
        return both.size() + all.size();
    }

    static String open(Path path) throws IOException {
        // @start region=open
        try (AsyncFile file = AsyncFiles.openForWrite(path)) {
            file.write("id,name\n");
            file.write("1,Ada\n");
        }
        try (AsyncFile file = AsyncFiles.open(path)) {
            byte[] header = file.read(8);
            String rest = file.readString();
            // @end
            return header.length + rest;
        }
    }

    static long lines(Path log) throws IOException {
        long failures = 0;
        // @start region=lines
        try (AsyncIterable<String> lines = AsyncFiles.lines(log)) {
            for (String line : lines) {
                if (line.startsWith("ERROR")) {
                    failures++;
                }
            }
        }
        // @end
        return failures;
    }

    static void replace(Path settings, List<String> lines) throws IOException {
        // @start region=replace
        AsyncFiles.replace(settings, file -> {
            for (String line : lines) {
                file.write(line + "\n");
            }
        });
        // @end
    }

    static boolean temporary(byte[] image) throws IOException {
        // @start region=temporary
        try (Temporary folder = AsyncFiles.temporaryFolder()) {
            AsyncFiles.writeBytes(folder.path().resolve("image.png"), image);
            // @end
            return AsyncFiles.exists(folder.path().resolve("image.png"));
        }
    }
}
