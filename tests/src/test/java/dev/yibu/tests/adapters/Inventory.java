package dev.yibu.tests.adapters;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat;
import dev.yibu.Async;
import dev.yibu.tests.servers.Sockets;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the process has at some moment, and should have given back later: sockets, files, threads, tasks. */
public final class Inventory {
    /** Pools and services of the JDK, of the core and of the test runner, which live as long as the process. */
    private static final Pattern RESIDENTS =
            Pattern.compile("(yibu-(timer|interrupter|blocking)|ForkJoinPool|VirtualThread-|"
                    + "Read-Poller|Write-Poller|SubPoller|MasterPoller|process reaper|Common-Cleaner|Cleaner-|Attach|JFR|junit|surefire|"
                    + "CompletableFutureDelayScheduler|Notification Thread|Keep-Alive-Timer).*");

    private static final Pattern THREAD =
            Pattern.compile("\"tid\": \"?(\\d+)\"?,(?:(?!\"name\").)*\"name\": \"([^\"]*)\"", Pattern.DOTALL);

    private static final Predicate<String> OF_THE_JVM = Pattern.compile(
                    ".*\\.(jar|so|jsa|class|jmod)|.*/lib/modules|/proc/.*|/dev/.*|pipe:.*|anon_inode:.*")
            .asMatchPredicate();

    private static final AtomicBoolean WARM = new AtomicBoolean();

    /** The JDK keeps a socket for ever once a virtual thread has closed another. */
    private static void warmUp() {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread.startVirtualThread(() -> openAndClose(listener)).join();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void openAndClose(ServerSocket listener) {
        try {
            new Socket(listener.getInetAddress(), listener.getLocalPort()).close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** From what it is to what it is called; identities differ between two moments if the things do. */
    private final TreeMap<String, String> things = new TreeMap<>();

    private Inventory() {}

    /** Everything there is, but for the threads that an adapter's library shares between all of its users. */
    public static Inventory take(Predicate<String> residents) {
        if (WARM.compareAndSet(false, true)) {
            warmUp();
        }
        Inventory inventory = new Inventory();
        Sockets.descriptors().stream()
                .filter(OF_THE_JVM.negate())
                .forEach(target -> inventory.things.put(target, "the descriptor of " + target));
        Matcher thread = THREAD.matcher(dump());
        while (thread.find()) {
            String name = thread.group(2);
            if (!RESIDENTS.matcher(name).matches() && !residents.test(name)) {
                inventory.things.put("thread " + thread.group(1), "the thread \"" + name + '"');
            }
        }
        Async.allTasks().forEach(task -> inventory.things.put("task " + task.id(), "the task \"" + task.name() + '"'));
        return inventory;
    }

    /** How many threads there are whose name fits. */
    public static long threads(Predicate<String> names) {
        return THREAD.matcher(dump())
                .results()
                .filter(found -> names.test(found.group(2)))
                .count();
    }

    /** What is here and was not there before. */
    public List<String> since(Inventory before) {
        TreeMap<String, String> more = new TreeMap<>(things);
        more.keySet().removeAll(before.things.keySet());
        return List.copyOf(more.values());
    }

    /** As {@link #since}, files alone. */
    public List<String> filesSince(Inventory before) {
        return since(before).stream()
                .filter(thing -> thing.contains("the descriptor of /"))
                .toList();
    }

    private static String dump() {
        try {
            Path folder = Files.createTempDirectory("yibu-threads");
            Path file = folder.resolve("dump.json");
            try {
                ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                        .dumpThreads(file.toString(), ThreadDumpFormat.JSON);
                return Files.readString(file);
            } finally {
                Files.deleteIfExists(file);
                Files.delete(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
