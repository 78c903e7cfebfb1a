package dev.yibu.tests;

import static dev.yibu.Async.*;

import dev.yibu.Async;
import dev.yibu.Cancelled;
import dev.yibu.Completions;
import dev.yibu.GroupOptions;
import dev.yibu.Outcome;
import dev.yibu.ResourceStack;
import dev.yibu.RunOptions;
import dev.yibu.Task;
import dev.yibu.TaskGroup;
import dev.yibu.lowlevel.ForeignCall;
import dev.yibu.lowlevel.Strand;
import dev.yibu.tests.Tree.Node;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Does once what a tree says. */
final class TreeRun {
    private static final Duration GRACE = Duration.ofMinutes(1);

    private final Tree tree;
    private final ScheduledExecutorService outside;
    private final ExecutorService executor;
    final Oracle oracle;
    final Ledger ledger = new Ledger();
    private final JdkWaits jdk = new JdkWaits(ledger);

    /** What is done from outside and is not over; negative once nothing more may begin. */
    private final AtomicInteger acting = new AtomicInteger();

    private volatile boolean over;
    private volatile boolean returned;

    TreeRun(Tree tree, ScheduledExecutorService outside, ExecutorService executor) {
        this.tree = tree;
        this.outside = outside;
        this.executor = executor;
        this.oracle = new Oracle(tree);
    }

    // ---------------------------------------------------------------- the whole

    /** Runs the tree on a thread of its own, which is returned. */
    Thread begin() {
        Thread.Builder builder = tree.onPlatformThread()
                ? Thread.ofPlatform().daemon().name("stress-root")
                : Thread.ofVirtual().name("stress-root");
        return builder.start(this::runAll);
    }

    boolean hasReturned() {
        return returned;
    }

    /** Nothing is done from outside any more. */
    boolean isQuiet() {
        return acting.get() == 0;
    }

    private void runAll() {
        Thread self = Thread.currentThread();
        Throwable thrown = null;
        try {
            Async.run(RunOptions.defaults().withGrace(GRACE).withName("stress"), () -> {
                Task<?> main = currentTask();
                outside(tree.endsAfterMicros(), () -> main.cancel("the end of the tree"));
                if (tree.interruptAfterMicros() >= 0) {
                    outside(tree.interruptAfterMicros(), () -> {
                        oracle.interrupts(self);
                        self.interrupt();
                    });
                }
                return eval(tree.root());
            });
        } catch (Throwable t) {
            thrown = t;
        }
        over = true;
        while (!isQuiet()) { // an interrupt from outside may still be on its way to this thread
            Thread.onSpinWait();
            Thread.yield();
        }
        oracle.judgeRun(tree, thrown, self.isInterrupted());
        for (String left : ledger.leftAtOnce()) {
            oracle.check("after run", false, left);
        }
        returned = true;
    }

    /** Lets somebody who is no task do something after a while, if the tree still runs then. */
    private void outside(int micros, Runnable action) {
        outside.schedule(
                () -> {
                    acting.incrementAndGet();
                    try {
                        if (!over) {
                            action.run();
                        }
                    } catch (Throwable t) {
                        oracle.check("outside", false, "failed: " + t);
                    } finally {
                        acting.decrementAndGet();
                    }
                },
                micros,
                TimeUnit.MICROSECONDS);
    }

    // ---------------------------------------------------------------- one node

    private static boolean isCancelled() {
        Strand strand = Strand.current();
        if (strand == null) {
            throw new AssertionError("a body without a strand");
        }
        return strand.scope().isCancelled();
    }

    private static boolean onWorker() {
        String name = Thread.currentThread().getName();
        return name.startsWith("yibu-blocking-") || name.startsWith("stress-executor-");
    }

    private long task(Node node) throws Throwable {
        ledger.runsHere();
        return eval(node);
    }

    private long eval(Node node) throws Throwable {
        ledger.begin();
        boolean before = isCancelled();
        long start = System.nanoTime();
        Throwable thrown = null;
        try {
            perform(node);
        } catch (Throwable t) {
            thrown = t;
        }
        boolean flag = Thread.currentThread().isInterrupted();
        boolean after = isCancelled();
        oracle.ended(node, new Oracle.Fact(thrown, before, after, flag, System.nanoTime() - start), onWorker());
        ledger.end();
        if (thrown != null) {
            throw thrown;
        }
        return node.id();
    }

    private void isValueOf(Node node, long value) {
        oracle.check(node, value == node.id(), "its value is " + value);
    }

    private void perform(Node node) throws Throwable {
        Duration time = Duration.ofNanos(node.micros() * 1000L);
        switch (node.kind()) {
            case VALUE -> {}
            case SPIN -> spin(time.toNanos());
            case CHECKPOINT -> checkpoint();
            case FAIL -> {
                if (node.variant() % 4 == 0) {
                    throw new Oracle.BigBoom(node);
                }
                throw new Oracle.Boom(node);
            }
            case SLEEP -> sleep(time);
            case HANG -> sleep(Duration.ofHours(1));
            case CANCEL_SELF -> {
                oracle.cancelsATask();
                currentTask().cancel("by itself");
                checkpoint();
            }
            case FOREIGN_NAP -> jdk.nap(node.variant(), node.micros());
            case FOREIGN_HANG -> jdk.hang(node.variant());
            case ECHO -> jdk.echo(node.variant());
            case SOCKET_HANG -> jdk.hangInSocket(node.variant());
            case BRACKET_HANG -> bracket(node);
            case ABANDON -> {
                Ledger.Resource resource = ledger.acquire("what " + node + " may abandon");
                abandonable(node, resource);
            }
            case MANY_GATHERS -> manyGathers(node);
            case MANY_MOVE_ONS -> manyMoveOns(node);
            case SEQUENCE -> {
                for (Node child : node.children()) {
                    isValueOf(child, eval(child));
                }
            }
            case CATCH -> {
                try {
                    eval(node.child(0));
                } catch (Exception e) {
                    checkpoint(); // it may have been an interrupt, which does not come twice
                }
            }
            case SWALLOW -> {
                try {
                    eval(node.child(0));
                } catch (Cancelled e) {
                    // that is wrong, but it happens
                }
            }
            case TIMEOUT -> isValueOf(node.child(0), timeout(time, () -> eval(node.child(0))));
            case MOVE_ON -> {
                if (node.variant() % 2 == 0) {
                    boolean finished = moveOnAfter(time, () -> {
                        eval(node.child(0));
                    });
                    Oracle.Fact fact = oracle.fact(node.child(0));
                    oracle.check(node, finished == (fact != null && fact.thrown() == null), "finished is " + finished);
                } else {
                    long value = moveOnAfter(time, () -> eval(node.child(0)), -1L);
                    oracle.check(node, value == -1 || value == node.child(0).id(), "its value is " + value);
                }
            }
            case SHIELD -> isValueOf(node.child(0), shield(time, () -> eval(node.child(0))));
            case USING ->
                isValueOf(
                        node.child(0),
                        using(
                                () -> acquire(node),
                                resource -> release(node, resource),
                                resource -> eval(node.child(0))));
            case STACK -> stack(node);
            case NESTED_RUN -> isValueOf(node.child(0), Async.run(() -> eval(node.child(0))));
            case BLOCKING -> isValueOf(node.child(0), blocking(() -> eval(node.child(0))));
            case EXECUTOR -> isValueOf(node.child(0), runInExecutor(executor, () -> eval(node.child(0))));
            case GATHER -> areValuesOf(node, gather(node.children(), this::task));
            case GATHER_OUTCOMES -> outcomes(node);
            case RACE -> race(node);
            case AS_COMPLETED -> asItCompletes(node, asCompleted(node.children(), this::task));
            case AS_COMPLETED_BOUNDED -> {
                AtomicInteger running = new AtomicInteger();
                int limit = 1 + node.variant() % 3;
                asItCompletes(node, asCompleted(node.children(), limit, child -> bounded(child, running, limit)));
            }
            case AS_COMPLETED_LEFT -> {
                for (long first : asCompleted(node.children(), this::task)) {
                    oracle.check(node, contains(node, first), "a strange value: " + first);
                    break;
                }
            }
            case MAP_CONCURRENT -> {
                AtomicInteger running = new AtomicInteger();
                int limit = 1 + node.variant() % 3;
                areValuesOf(node, mapConcurrent(node.children(), limit, child -> bounded(child, running, limit)));
            }
            case GROUP -> group(node, GroupOptions.DEFAULT);
            case SUPERVISED -> group(node, GroupOptions.supervised());
            case GROUP_CANCELLED, CHILD_CANCELLED, CHILD_INTERRUPTED -> disturbedGroup(node);
            case BACKGROUND -> background(node);
        }
    }

    // ---------------------------------------------------------------- leaves

    @SuppressWarnings("try") // a hook closes what the block would close
    private void bracket(Node node) throws Exception {
        AtomicInteger calls = new AtomicInteger();
        try {
            switch (node.variant() % 4) {
                case 0 -> ForeignCall.named("hang").call(TreeRun::hang);
                case 1 -> {
                    CountDownLatch latch = new CountDownLatch(1);
                    ForeignCall.named("stop by hook")
                            .onCancel(() -> stop(calls, latch), GRACE)
                            .call(() -> latch.await(1, TimeUnit.HOURS));
                }
                case 2 ->
                    ForeignCall.named("hook that does nothing")
                            .onCancel(calls::incrementAndGet, Duration.ofNanos(node.micros() * 500L))
                            .call(TreeRun::hang);
                default -> {
                    checkpoint();
                    try (ServerSocket server = jdk.server();
                            Socket socket = jdk.silent(server)) {
                        ForeignCall.named("close by hook")
                                .onCancel(() -> {}, Duration.ofNanos(node.micros() * 500L))
                                .thenClose(() -> {
                                    calls.incrementAndGet();
                                    socket.close();
                                })
                                .call(() -> socket.getInputStream().read());
                    }
                }
            }
        } finally {
            oracle.check(node, calls.get() <= 1, "its hook ran " + calls + " times");
        }
    }

    /** Tasks that end just when their owner begins to join them. */
    private void manyGathers(Node node) {
        for (int i = 0; i < 40; i++) {
            int round = i;
            List<Integer> values = node.variant() % 2 == 0
                    ? gather(() -> round)
                    : gather(() -> round, () -> {
                        spin(round * 50L);
                        return round;
                    });
            oracle.check(node, values.stream().allMatch(value -> value == round), "in round " + i + ": " + values);
        }
    }

    /** Blocks that end just when their deadline passes; no interrupt may come behind them. */
    private void manyMoveOns(Node node) throws Exception {
        Thread self = Thread.currentThread();
        for (int i = 0; i < 40; i++) {
            int nanos = (node.variant() >> 4) % 600_000;
            moveOnAfter(Duration.ofNanos(300_000), () -> {
                if (node.variant() % 2 == 0) {
                    spin(nanos);
                } else {
                    jdk.nap(node.variant() / 2, nanos / 1000);
                }
            });
            boolean flag = self.isInterrupted();
            oracle.check(
                    node,
                    !flag || isCancelled() || oracle.hasInterrupted(self),
                    "an interrupt has come behind the block of round " + i);
        }
    }

    private static void spin(long nanos) {
        long end = System.nanoTime() + nanos;
        while (System.nanoTime() < end) {
            Thread.onSpinWait();
        }
    }

    private static boolean hang() throws InterruptedException {
        return new Semaphore(0).tryAcquire(1, TimeUnit.HOURS);
    }

    private static void stop(AtomicInteger calls, CountDownLatch latch) {
        calls.incrementAndGet();
        latch.countDown();
    }

    private void abandonable(Node node, Ledger.Resource resource) {
        boolean[] began = {false};
        try {
            abandon(() -> {
                began[0] = true;
                long until = System.nanoTime() + Math.min(node.micros(), 500) * 1000L;
                while (System.nanoTime() < until) {
                    Thread.onSpinWait();
                }
                return 1L;
            });
        } finally {
            resource.release();
        }
    }

    // ---------------------------------------------------------------- resources

    private Ledger.Resource acquire(Node node) {
        return ledger.acquire("the resource of " + node);
    }

    /** Clean-up that waits and uses sockets, whatever has been cancelled. */
    private void release(Node node, Ledger.Resource resource) throws Exception {
        resource.release();
        Thread self = Thread.currentThread();
        oracle.check(node, !self.isInterrupted() || oracle.hasInterrupted(self), "an interrupt has got into a release");
        oracle.check(node, !isCancelled(), "a release is cancelled");
        try {
            if (node.variant() % 3 == 0) {
                jdk.echo(node.variant() / 3);
            } else {
                jdk.nap(node.variant() / 3, node.micros() % 300);
            }
        } catch (Exception e) {
            oracle.check(node, oracle.hasInterrupted(self), "a release was hit by " + e);
        }
        try {
            sleep(Duration.ofNanos(node.micros() % 500 * 1000L));
            checkpoint();
        } catch (Cancelled e) {
            oracle.check(node, false, "a release met a cancellation: " + e);
        }
        if (node.variant() % 11 == 0) {
            throw new Oracle.Boom("the release of " + node);
        }
    }

    private void stack(Node node) throws Throwable {
        int count = 1 + node.variant() % 4;
        try (ResourceStack stack = new ResourceStack()) {
            List<Ledger.Resource> order = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                boolean last = i == 0;
                Ledger.Resource resource = stack.acquire(() -> acquire(node), r -> {
                    oracle.check(node, order.removeLast() == r, "the order of releases");
                    if (last) {
                        release(node, r);
                    } else {
                        r.release();
                    }
                });
                order.add(resource);
            }
            isValueOf(node.child(0), eval(node.child(0)));
        }
    }

    // ---------------------------------------------------------------- tasks

    private static boolean contains(Node node, long id) {
        return node.children().stream().anyMatch(child -> child.id() == id);
    }

    private void areValuesOf(Node node, List<Long> values) {
        List<Long> expected =
                node.children().stream().map(child -> (long) child.id()).toList();
        oracle.check(node, values.equals(expected), "its values are " + values);
    }

    private long bounded(Node child, AtomicInteger running, int limit) throws Throwable {
        oracle.check(child, running.incrementAndGet() <= limit, "more than " + limit + " run at a time");
        try {
            return task(child);
        } finally {
            running.decrementAndGet();
        }
    }

    private void outcomes(Node node) {
        List<Outcome<Long>> outcomes = gatherOutcomes(node.children(), this::task);
        oracle.check(node, outcomes.size() == node.children().size(), outcomes.size() + " outcomes");
        for (int i = 0; i < outcomes.size(); i++) {
            Node child = node.child(i);
            Oracle.Fact fact = oracle.fact(child);
            Throwable thrown = fact == null ? null : fact.thrown();
            boolean right = switch (outcomes.get(i)) {
                case Outcome.Success<Long>(Long value) -> fact != null && thrown == null && value == child.id();
                case Outcome.Failure<Long>(Throwable exception) -> exception == thrown;
                case Outcome.Cancellation<Long> _ ->
                    fact == null || fact.end() == Oracle.End.CANCELLED || fact.end() == Oracle.End.INTERRUPTED;
            };
            oracle.check(node, right, outcomes.get(i) + " is not how " + child + " ended: " + fact);
        }
    }

    private void race(Node node) throws Throwable {
        Set<Long> given = new HashSet<>();
        Set<Long> twice = new HashSet<>();
        Throwable failure = null;
        try {
            given.add(Async.race(node.children(), this::task, value -> {
                if (!given.add(value)) {
                    twice.add(value);
                }
            }));
        } catch (Throwable t) {
            failure = t;
        }
        Set<Long> made = new HashSet<>();
        for (Node child : node.children()) {
            Oracle.Fact fact = oracle.fact(child);
            if (fact != null && fact.thrown() == null) {
                made.add((long) child.id());
            }
        }
        oracle.check(node, twice.isEmpty(), "values given away twice: " + twice);
        oracle.check(node, made.equals(given), "values made " + made + ", given " + given);
        if (failure != null) {
            throw failure;
        }
    }

    private void asItCompletes(Node node, Completions<Long> completions) throws Throwable {
        List<Long> values = new ArrayList<>();
        completions.each(values::add);
        oracle.check(
                node,
                values.size() == node.children().size() && values.stream().allMatch(value -> contains(node, value)),
                "its values are " + values);
    }

    private void group(Node node, GroupOptions options) throws Throwable {
        List<Node> tasks = node.children().subList(0, node.children().size() - 1);
        Node body = node.children().getLast();
        Task<Long> first = TaskGroup.call(options, group -> {
            List<Task<Long>> started = new ArrayList<>();
            for (Node child : tasks) {
                started.add(group.start(() -> task(child)));
            }
            isValueOf(body, eval(body));
            if (!options.isSupervised() && node.variant() % 2 == 0) {
                isValueOf(tasks.getFirst(), started.getFirst().await());
            }
            return started.getFirst();
        });
        oracle.check(node, first.isDone(), "a task outlives its group");
    }

    /** A group that is cancelled, or one child of which is cancelled or interrupted, from inside or outside. */
    private void disturbedGroup(Node node) throws Throwable {
        List<Node> tasks = node.children().subList(0, node.children().size() - 1);
        Node body = node.children().getLast();
        TaskGroup.run(group -> {
            CountDownLatch interruptible = new CountDownLatch(1);
            Thread[] thread = {null};
            List<Task<Long>> started = new ArrayList<>();
            for (Node child : tasks) {
                started.add(group.start(() -> {
                    thread[0] = Thread.currentThread();
                    interruptible.countDown();
                    return task(child);
                }));
            }
            Task<Long> first = started.getFirst();
            Runnable disturbance = switch (node.kind()) {
                case GROUP_CANCELLED -> () -> group.cancel("by a stranger");
                case CHILD_CANCELLED ->
                    () -> {
                        oracle.cancelsATask();
                        first.cancel("by a stranger");
                    };
                default ->
                    () -> {
                        if (interruptible.getCount() == 0 && thread[0] != null && !first.isDone()) {
                            oracle.interrupts(thread[0]);
                            thread[0].interrupt();
                        }
                    };
            };
            outside(node.micros(), disturbance);
            isValueOf(body, eval(body));
            if (node.variant() % 3 == 0) {
                disturbance.run();
            }
        });
    }

    private void background(Node node) throws Throwable {
        Task<Long> task = createTask(() -> task(node.child(0)));
        isValueOf(node.child(1), eval(node.child(1)));
        if (node.variant() % 2 == 0) {
            isValueOf(node.child(0), task.await());
        }
    }
}
