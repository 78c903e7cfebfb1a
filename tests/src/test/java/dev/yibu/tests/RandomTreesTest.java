package dev.yibu.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.yibu.Async;
import dev.yibu.lowlevel.Driver;
import dev.yibu.lowlevel.Strand;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Random trees of tasks on real threads, with failures, cancellations, timeouts, shields and interrupts at random times,
 * in waits of Yibu, of the JDK and of sockets. An {@link Oracle} says which outcomes the semantics allow; after each tree
 * nothing may be left.
 *
 * <p>{@code -Dyibu.stress.seconds=600} runs for longer; {@code -Dyibu.stress.seed=N} runs the tree of one seed again and
 * again.
 */
class RandomTreesTest {
    private static final Duration LENGTH = Duration.ofSeconds(Long.getLong("yibu.stress.seconds", 45));

    /** Longer than a tree ever takes on a busy machine; and what is left then is left for ever. */
    private static final Duration PATIENCE = Duration.ofSeconds(Long.getLong("yibu.stress.patience", 30));

    private final Logger logger = Logger.getLogger("dev.yibu");
    private final boolean logsToParents = logger.getUseParentHandlers();
    private final Queue<String> logged = new ConcurrentLinkedQueue<>();

    private final Handler log = new Handler() {
        @Override
        public void publish(LogRecord record) {
            logged.add(record.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    private final ScheduledThreadPoolExecutor outside = new ScheduledThreadPoolExecutor(
            2, Thread.ofPlatform().daemon().name("stress-outside-", 1).factory());
    private final ExecutorService executor = Executors.newFixedThreadPool(
            4, Thread.ofPlatform().daemon().name("stress-executor-", 1).factory());

    @BeforeEach
    void listen_to_the_log() {
        logger.setUseParentHandlers(false);
        logger.addHandler(log);
    }

    @AfterEach
    void end() {
        logger.removeHandler(log);
        logger.setUseParentHandlers(logsToParents);
        outside.shutdownNow();
        executor.shutdownNow();
    }

    @Test
    void every_outcome_of_a_random_tree_is_one_that_the_semantics_allow_and_nothing_is_left() {
        openWhatTheJdkKeepsOpen();
        Long replayed = Long.getLong("yibu.stress.seed");
        long first = replayed != null ? replayed : System.nanoTime();
        System.out.println("RandomTreesTest: the first seed is " + first);
        Map<Tree.Kind, int[]> ends = new TreeMap<>();
        long start = System.nanoTime();
        int trees = 0;
        for (long seed = first; System.nanoTime() - start < LENGTH.toNanos(); seed += replayed == null ? 1 : 0) {
            run(Tree.of(seed), seed, ends);
            trees++;
        }
        System.out.println(
                "RandomTreesTest: " + trees + " trees; ended not run, well, failed, cancelled, interrupted:");
        ends.forEach((kind, counts) -> System.out.println("  " + kind + ' ' + Arrays.toString(counts)));
        assertThat(trees).isPositive();
        if (replayed == null && LENGTH.toSeconds() >= 30) {
            assertThat(ends.keySet()).containsExactlyInAnyOrder(Tree.Kind.values());
        }
    }

    /** The same seed makes the same tree. */
    @Test
    void a_tree_depends_on_nothing_but_its_seed() {
        for (long seed = 0; seed < 200; seed++) {
            assertThat(Tree.of(seed)).isEqualTo(Tree.of(seed));
        }
    }

    /** The JDK keeps a pair of sockets for closing others that are in use. */
    private static void openWhatTheJdkKeepsOpen() {
        for (int variant = 0; variant < 7; variant++) {
            JdkWaits jdk = new JdkWaits(new Ledger());
            int form = variant;
            Thread thread = Thread.startVirtualThread(() -> {
                try {
                    jdk.echo(form);
                    jdk.hangInSocket(form);
                } catch (IOException e) {
                    // closed by the interrupt
                }
            });
            while (thread.isAlive()) {
                thread.interrupt();
                LockSupport.parkNanos(1_000_000);
            }
        }
    }

    private void run(Tree tree, long seed, Map<Tree.Kind, int[]> ends) {
        int socketsBefore = Ledger.openSockets();
        logged.clear();
        TreeRun run = new TreeRun(tree, outside, executor);
        Thread root = run.begin();
        List<String> problems = new ArrayList<>();
        if (!within(PATIENCE, () -> run.hasReturned() && !root.isAlive())) {
            problems.add("it hangs:\n" + describe(run, root));
        }
        outside.getQueue().clear();
        problems.addAll(run.oracle.violations());
        if (problems.isEmpty()) {
            problems.addAll(left(run, socketsBefore));
        }
        for (String message : logged) {
            if (!isExpected(message)) {
                problems.add("logged: " + message);
            }
        }
        if (!problems.isEmpty()) {
            String replay = "seed " + seed + " (again with -Dyibu.stress.seed=" + seed + ")";
            throw new AssertionError(replay + "\n" + String.join("\n", problems) + "\n"
                    + tree.print(node -> ": " + describe(run.oracle.fact(node))));
        }
        count(tree.root(), run, ends);
    }

    private static String describe(Oracle.Fact fact) {
        return fact == null ? "has not ended" : fact.end() + " " + fact;
    }

    /** What the library may say of such programs. */
    private static boolean isExpected(String message) {
        return message.contains("failed and nobody has awaited it")
                || message.contains("cancels what still runs in the background")
                || message.contains("swallowed the cancellation")
                || message.contains("was cancelled, and failed to clean up");
    }

    private static void count(Tree.Node node, TreeRun run, Map<Tree.Kind, int[]> ends) {
        Oracle.Fact fact = run.oracle.fact(node);
        int[] counts = ends.computeIfAbsent(node.kind(), _ -> new int[Oracle.End.values().length]);
        counts[(fact == null ? Oracle.End.NOT_RUN : fact.end()).ordinal()]++;
        node.children().forEach(child -> count(child, run, ends));
    }

    // ---------------------------------------------------------------- what is left

    private List<String> left(TreeRun run, int socketsBefore) {
        List<String> left = new ArrayList<>();
        until(left, "tasks: " + Async.allTasks(), () -> Async.allTasks().isEmpty());
        until(left, "roots: " + Strand.roots(), () -> Strand.roots().isEmpty());
        until(left, "timers", () -> Driver.real().pendingTimers() == 0);
        until(left, "threads", () -> run.ledger.threads().stream().noneMatch(Thread::isAlive));
        until(left, "sockets", () -> Ledger.openSockets() <= socketsBefore);
        if (!within(PATIENCE, () -> busyThreads().isEmpty())) {
            left.add("left: busy threads " + busyThreads());
        }
        return left;
    }

    /** The library's own platform threads that are not idle; they end by themselves after some seconds. */
    private static List<String> busyThreads() {
        List<String> busy = new ArrayList<>();
        Thread.getAllStackTraces().forEach((thread, stack) -> {
            String name = thread.getName();
            boolean ours =
                    (name.startsWith("yibu-") && !name.equals("yibu-timer")) || name.startsWith("stress-executor-");
            boolean inCode =
                    Arrays.stream(stack).anyMatch(frame -> frame.getClassName().startsWith("dev.yibu."));
            if ((ours && inCode) || name.equals("stress-root")) {
                busy.add(name + " in " + Arrays.toString(stack));
            }
        });
        return busy;
    }

    private static void until(List<String> left, String what, BooleanSupplier condition) {
        if (!within(PATIENCE, condition)) {
            left.add("left: " + what);
        }
    }

    private static boolean within(Duration time, BooleanSupplier condition) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - start > time.toNanos()) {
                return false;
            }
            LockSupport.parkNanos(20_000);
        }
        return true;
    }

    private static String describe(TreeRun run, Thread root) {
        StringBuilder text = new StringBuilder();
        Async.allTasks().forEach(task -> text.append("  ").append(task).append('\n'));
        List<Thread> threads = new ArrayList<>(run.ledger.threads());
        threads.add(root);
        for (Thread thread : threads) {
            if (thread.isAlive()) {
                text.append("  ")
                        .append(thread)
                        .append(thread.isInterrupted() ? " interrupted" : "")
                        .append('\n');
                for (StackTraceElement frame : thread.getStackTrace()) {
                    text.append("    ").append(frame).append('\n');
                }
            }
        }
        return text.toString();
    }
}
