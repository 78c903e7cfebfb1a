package dev.yibu.tests.adapters;

import dev.yibu.Async;
import dev.yibu.Outcome;
import dev.yibu.TaskInfo;
import dev.yibu.io.AsyncFile;
import dev.yibu.io.AsyncFiles;
import dev.yibu.tests.servers.Sockets;
import dev.yibu.tests.servers.Until;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Reading files under the contract. The pool is that of the blocking threads, which the whole process has together. A read
 * that is left behind ends when its pipe is released, and is counted until then.
 */
final class FilesSubject implements Subject {
    private static final int SIZE = Math.max(1, Integer.getInteger("yibu.blocking.threads", 64));

    private static final String TEXT = "what the file has";

    private static final String WAITS_FOR_A_PLACE = "a thread of the blocking pool";
    private static final String HAS_A_PLACE = "a call that may be abandoned";

    private final Path folder;
    private final Path healthy;
    private final Set<HeldFiles> held = ConcurrentHashMap.newKeySet();
    private final long busyBefore = HeldFiles.busyThreads();

    FilesSubject() throws IOException {
        folder = Files.createTempDirectory("yibu-files").toRealPath();
        healthy = Files.writeString(folder.resolve("healthy"), TEXT);
    }

    @Override
    public Stage stage(Phase phase) throws IOException {
        // Those that keep the pool busy, those that wait, and those that come for clean-up.
        HeldFiles files = new HeldFiles(phase, Files.createTempDirectory(folder, phase.name()), 2 * SIZE + 2);
        held.add(files);
        return new Stage() {
            @Override
            public void operate() throws IOException {
                int number = files.take();
                Path path = files.path(number);
                String content = HeldFiles.content(number);
                check(
                        phase == Phase.WAITING_FOR_THE_ANSWER ? AsyncFiles.readString(path) : read(path, content),
                        content);
            }

            @Override
            public int reached() throws IOException {
                return files.reached();
            }

            @Override
            public void release() {
                files.release();
            }

            @Override
            public void close() throws IOException {
                files.release();
            }
        };
    }

    @Override
    public void operate() throws IOException {
        check(read(healthy, TEXT), TEXT);
    }

    /** In several steps, up to what should be the end. */
    private static String read(Path path, String expected) throws IOException {
        try (AsyncFile file = AsyncFiles.open(path)) {
            return new String(file.readNBytes(expected.length() + 1), StandardCharsets.UTF_8);
        }
    }

    private static void check(String answer, String expected) {
        if (!answer.equals(expected)) {
            throw new AssertionError("this is what another file has: " + answer);
        }
    }

    /** The pool has no statistics, but the list of tasks says what each waits for. */
    @Override
    public Pool pool() {
        return new Pool(SIZE, SIZE - waitingFor(HAS_A_PLACE), waitingFor(WAITS_FOR_A_PLACE));
    }

    private static int waitingFor(String what) {
        return (int) Async.allTasks().stream()
                .map(TaskInfo::waitingFor)
                .filter(waitingFor -> waitingFor.isPresent() && waitingFor.get().equals(what))
                .count();
    }

    /** None is kept. */
    @Override
    public int connections() {
        return 0;
    }

    /** Asked while no operation is under way: places of the pool that nobody gets. A file that is open is a failure. */
    @Override
    public long sockets() {
        assertThatNothingIsOpen();
        return SIZE - placesToBeHad();
    }

    /** Once the threads have nothing more to do, and before the garbage collector closes what they have forgotten. */
    private void assertThatNothingIsOpen() {
        Until.isTrue("the threads have nothing to do", () -> HeldFiles.busyThreads() <= busyBefore);
        if (openFiles() > 0) {
            throw new AssertionError(openFiles() + " files are open that nobody reads");
        }
    }

    private long openFiles() {
        long open = Sockets.descriptors().stream()
                .filter(healthy.toString()::equals)
                .count();
        return open + held.stream().mapToLong(HeldFiles::openToReaders).sum();
    }

    /** As many calls as there are places: those that find none wait, and the others until all have come as far as that. */
    private static int placesToBeHad() {
        AtomicInteger arrived = new AtomicInteger();
        CountDownLatch leave = new CountDownLatch(1);
        List<Running> calls = new ArrayList<>();
        for (int i = 0; i < SIZE; i++) {
            calls.add(Running.start(() -> Async.blocking(() -> {
                arrived.incrementAndGet();
                leave.await();
            })));
        }
        try {
            Until.isTrue("each has a place or none", () -> arrived.get() + waitingFor(WAITS_FOR_A_PLACE) == SIZE);
            return arrived.get();
        } finally {
            leave.countDown();
            for (Running call : calls) {
                if (!call.outcome(Until.LIMIT).equals(new Outcome.Success<>(null))) {
                    throw new AssertionError("a call that only waits");
                }
            }
        }
    }

    @Override
    public void close() throws IOException {
        assertThatNothingIsOpen();
        for (HeldFiles files : held) {
            files.delete();
        }
        Files.delete(healthy);
        Files.delete(folder);
    }
}
