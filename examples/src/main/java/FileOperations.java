// Files
// Several files are read at the same time and one is written. However slow a disk is, no other task waits for it.

import static dev.yibu.Async.*;

import dev.yibu.io.AsyncFiles;
import dev.yibu.io.Temporary;

// @start region=tour
void main() throws IOException {
    run(() -> {
        try (Temporary diary = AsyncFiles.temporaryFolder()) { // deleted at the end of the block
            Path folder = diary.path();
            AsyncFiles.writeAllStrings(Map.of( // at the same time as well
                    folder.resolve("1-monday"), "rain",
                    folder.resolve("2-tuesday"), "sun",
                    folder.resolve("3-wednesday"), "wind"));

            List<String> days = gather(AsyncFiles.list(folder), day -> AsyncFiles.readString(day));
            Path week = folder.resolve("week");
            AsyncFiles.replaceString(week, String.join("\n", days)); // all of it or, when cancelled, nothing

            for (String line : AsyncFiles.lines(week)) {
                IO.println(line);
            }
        }
    });
}
// @end

// Not compared: small files are there at once

// Output:
// rain
// sun
// wind
