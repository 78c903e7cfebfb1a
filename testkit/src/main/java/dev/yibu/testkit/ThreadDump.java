package dev.yibu.testkit;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Who owns which monitor, virtual threads included: the JDK tells it in a dump of all threads, and nowhere else. */
final class ThreadDump {
    private static final Pattern THREAD = Pattern.compile("\"tid\": \"?(\\d+)");
    private static final Pattern BLOCKED_ON = Pattern.compile("\"blockedOn\": \"([^\"]+)\"");
    private static final Pattern OWNED = Pattern.compile("\"depth\": \"?(\\d+)\"?,\\s*\"locks\": \\[([^\\]]*)]");
    private static final Pattern FRAME = Pattern.compile("^\\s*\"([^\"]+\\([^\"]*\\))\",?\\s*$", Pattern.MULTILINE);

    /** Who holds a monitor, and the frame that took it. */
    record Holder(long threadId, String frame) {}

    private final List<String> threads = new ArrayList<>();

    private ThreadDump(String json) {
        Matcher matcher = THREAD.matcher(json);
        int start = -1;
        while (matcher.find()) {
            if (start >= 0) {
                threads.add(json.substring(start, matcher.start()));
            }
            start = matcher.start();
        }
        if (start >= 0) {
            threads.add(json.substring(start));
        }
    }

    static ThreadDump take() {
        try {
            Path folder = Files.createTempDirectory("yibu-threads");
            Path file = folder.resolve("dump.json");
            try {
                ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                        .dumpThreads(file.toString(), HotSpotDiagnosticMXBean.ThreadDumpFormat.JSON);
                return new ThreadDump(Files.readString(file));
            } finally {
                Files.deleteIfExists(file);
                Files.delete(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The owner of the monitor on which a thread is blocked; null if it is not blocked on one. */
    @Nullable
    Holder holderOfMonitorThat(long blockedThread) {
        for (String thread : threads) {
            Matcher blocked = BLOCKED_ON.matcher(thread);
            if (id(thread) == blockedThread && blocked.find()) {
                return holderOf(blocked.group(1));
            }
        }
        return null;
    }

    private @Nullable Holder holderOf(String monitor) {
        for (String thread : threads) {
            Matcher owned = OWNED.matcher(thread);
            while (owned.find()) {
                if (owned.group(2).contains('"' + monitor + '"')) {
                    return new Holder(id(thread), frame(thread, Integer.parseInt(owned.group(1))));
                }
            }
        }
        return null;
    }

    private static long id(String thread) {
        Matcher id = THREAD.matcher(thread);
        return id.find() ? Long.parseLong(id.group(1)) : -1;
    }

    private static String frame(String thread, int depth) {
        Matcher frame = FRAME.matcher(thread);
        for (int i = 0; frame.find(); i++) {
            if (i == depth) {
                return frame.group(1).replace("\\/", "/");
            }
        }
        return "an unknown frame";
    }
}
