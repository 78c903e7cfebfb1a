package dev.yibu.tests;

import dev.yibu.CancelReason;
import dev.yibu.Cancelled;
import dev.yibu.TimeoutException;
import dev.yibu.lowlevel.Interruption;
import dev.yibu.tests.Tree.Kind;
import dev.yibu.tests.Tree.Node;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Which outcomes of a node the semantics allow, given how its children ended and what had happened to it. Each node is
 * judged when it ends, on its own thread, by what can't change any more: a scope that is cancelled stays so.
 */
final class Oracle {

    /** How a node ended. */
    enum End {
        NOT_RUN,
        VALUE,
        FAILED,
        CANCELLED,
        /** With an exception that an interrupt made; whether it counts as a cancellation was not decided yet. */
        INTERRUPTED
    }

    /**
     * What is known of a node that has ended.
     *
     * @param thrown what it threw, or null
     * @param cancelledBefore whether its scope was effectively cancelled before it began
     * @param cancelledAfter whether it was so when it had ended
     * @param flagAfter whether the thread's interrupt flag was set when it had ended
     * @param nanos how long it took, or a little longer
     */
    record Fact(
            @Nullable Throwable thrown,
            boolean cancelledBefore,
            boolean cancelledAfter,
            boolean flagAfter,
            long nanos) {
        End end() {
            if (thrown == null) {
                return End.VALUE;
            }
            if (thrown instanceof Cancelled) {
                return End.CANCELLED;
            }
            if (Interruption.isBehind(thrown)) {
                return cancelledAfter ? End.CANCELLED : End.INTERRUPTED;
            }
            return End.FAILED;
        }
    }

    /** A failure that a leaf makes up. */
    static final class Boom extends Exception {
        private static final long serialVersionUID = 1L;

        Boom(Object origin) {
            super("boom of " + origin);
        }
    }

    /** The same, which {@code catch (Exception e)} does not catch. */
    static final class BigBoom extends Error {
        private static final long serialVersionUID = 1L;

        BigBoom(Object origin) {
            super("big boom of " + origin);
        }
    }

    private final AtomicReferenceArray<@Nullable Fact> facts;
    private final Queue<String> violations = new ConcurrentLinkedQueue<>();

    /** Threads that somebody outside has interrupted, or is about to. */
    private final Set<Thread> interrupted = java.util.concurrent.ConcurrentHashMap.newKeySet();

    /** Whether some single task has been cancelled, or is about to. */
    private volatile boolean taskCancelled;

    Oracle(Tree tree) {
        facts = new AtomicReferenceArray<>(tree.size());
    }

    // ---------------------------------------------------------------- what has happened

    void interrupts(Thread thread) {
        interrupted.add(thread);
        taskCancelled = true;
    }

    boolean hasInterrupted(Thread thread) {
        return interrupted.contains(thread);
    }

    void cancelsATask() {
        taskCancelled = true;
    }

    @Nullable
    Fact fact(Node node) {
        return facts.get(node.id());
    }

    private End end(Node node) {
        Fact fact = fact(node);
        return fact == null ? End.NOT_RUN : fact.end();
    }

    List<String> violations() {
        return List.copyOf(violations);
    }

    void check(Object where, boolean holds, String rule) {
        if (!holds) {
            violations.add(where + ": " + rule);
        }
    }

    // ---------------------------------------------------------------- judging a node

    /** Records how a node ended, and judges it. {@code worker} tells whether the thread belongs to a pool. */
    void ended(Node node, Fact fact, boolean worker) {
        facts.set(node.id(), fact);
        Kind kind = node.kind();
        Throwable thrown = fact.thrown;
        boolean interruptedHere = interrupted.contains(Thread.currentThread());
        check(
                node,
                !fact.flagAfter || fact.cancelledAfter || interruptedHere,
                "the interrupt flag is set, but nobody has cancelled or interrupted it");
        check(node, !worker || !fact.flagAfter, "a worker was interrupted");
        if (fact.cancelledBefore && kind.beginsWithCheckpoint()) {
            check(node, thrown instanceof Cancelled, "it was cancelled before it began, and gave " + thrown);
            check(
                    node,
                    node.children().stream().allMatch(c -> end(c) == End.NOT_RUN),
                    "it ran although cancelled before");
            return;
        }
        if (thrown instanceof Cancelled cancelled) {
            check(node, fact.cancelledAfter, "Cancelled although its scope is not: " + cancelled.reason());
            check(
                    node,
                    cancelled.reason().kind() != CancelReason.Kind.INTERRUPTED || !interrupted.isEmpty(),
                    "an interrupt of ours was taken for somebody else's");
        } else if (thrown != null && Interruption.isBehind(thrown)) {
            judgeInterruption(node, fact, worker, interruptedHere);
        } else if (thrown != null) {
            judgeFailure(node, thrown);
        }
        judgeKind(node, fact);
    }

    private void judgeInterruption(Node node, Fact fact, boolean worker, boolean interruptedHere) {
        if (node.isForeign()) {
            check(node, !worker, "a worker was interrupted: " + fact.thrown);
            check(node, fact.cancelledAfter || interruptedHere, "interrupted, and nobody did it: " + fact.thrown);
        } else if (node.kind() == Kind.BRACKET_HANG || node.kind() == Kind.MANY_MOVE_ONS) {
            check(node, !worker && interruptedHere, "an interruption of ours came through: " + fact.thrown);
        } else if (node.kind().isTransparent()) {
            check(node, isOfChild(node, fact.thrown), "an interruption of its own: " + fact.thrown);
        } else {
            check(
                    node,
                    isOfChild(node, fact.thrown) && !interrupted.isEmpty(),
                    "an interruption of ours came through: " + fact.thrown);
        }
    }

    private void judgeFailure(Node node, Throwable thrown) {
        if (isOfChild(node, thrown)) {
            return;
        }
        Kind kind = node.kind();
        boolean own = switch (thrown) {
            case Boom _, BigBoom _ ->
                kind == Kind.FAIL
                        || ((kind == Kind.USING || kind == Kind.STACK)
                                && thrown.getMessage().endsWith("release of " + node));
            case TimeoutException _ -> kind == Kind.TIMEOUT;
            case CancellationException _ ->
                (taskCancelled || kind == Kind.BACKGROUND) // behind a shield one may outlive the run's tasks
                        && switch (kind) {
                            case GATHER, RACE, AS_COMPLETED, AS_COMPLETED_LEFT -> {
                                yield some(node, End.CANCELLED)
                                        || some(node, End.INTERRUPTED)
                                        || some(node, End.NOT_RUN);
                            }
                            case MAP_CONCURRENT, AS_COMPLETED_BOUNDED -> true; // a worker, behind its last item
                            case GROUP, SUPERVISED, CHILD_CANCELLED, CHILD_INTERRUPTED, BACKGROUND ->
                                true; // it awaits a child that was cancelled
                            default -> false;
                        };
            default -> false;
        };
        check(node, own, "nobody below it has thrown this: " + thrown);
    }

    private void judgeKind(Node node, Fact fact) {
        Throwable thrown = fact.thrown;
        boolean ended = thrown == null;
        List<Node> children = node.children();
        switch (node.kind()) {
            case VALUE, SPIN -> check(node, ended, "can't throw " + thrown);
            case FAIL -> check(node, thrown instanceof Boom || thrown instanceof BigBoom, "must fail");
            case HANG -> check(node, !ended, "can't end by itself");
            case SLEEP -> check(node, !ended || fact.nanos >= node.micros() * 1000L, "woke early");
            case CANCEL_SELF ->
                check(node, !ended || !fact.cancelledAfter, "went through a checkpoint after it had cancelled itself");
            case CHECKPOINT,
                    FOREIGN_NAP,
                    FOREIGN_HANG,
                    ECHO,
                    SOCKET_HANG,
                    BRACKET_HANG,
                    ABANDON,
                    MANY_GATHERS,
                    MANY_MOVE_ONS -> {}
            case SEQUENCE -> {
                if (ended) {
                    check(node, all(children, End.VALUE), "a failure was swallowed");
                }
            }
            case CATCH -> check(node, !(thrown instanceof Exception), "caught, but thrown: " + thrown);
            case SWALLOW -> check(node, !(thrown instanceof Cancelled), "swallowed, but thrown");
            case USING, STACK -> {
                Node child = children.getFirst();
                if (end(child) != End.NOT_RUN
                        && fact(child).thrown != null
                        && !(mayBecomeCancelled(node, fact, child) && thrown instanceof Cancelled)) {
                    isThatOf(node, fact, child);
                }
            }
            case NESTED_RUN, SHIELD, BLOCKING, EXECUTOR -> {
                Node child = children.getFirst();
                switch (end(child)) {
                    case VALUE -> check(node, ended, "its value was dropped for " + thrown);
                    case FAILED -> isThatOf(node, fact, child);
                    case CANCELLED ->
                        check(
                                node,
                                thrown instanceof Cancelled
                                        || (node.kind().isTransparent() && thrown == fact(child).thrown),
                                "cancelled inside, and gave " + thrown);
                    case NOT_RUN -> check(node, thrown instanceof Cancelled, "not run, and gave " + thrown);
                    case INTERRUPTED -> check(node, !ended, "an interruption was dropped");
                }
                if (node.kind() == Kind.SHIELD && end(child) == End.CANCELLED) {
                    check(node, fact.nanos >= node.micros() * 1000L, "cancelled before its grace was over");
                }
            }
            case TIMEOUT, MOVE_ON -> judgeTimeout(node, fact);
            case GATHER -> {
                boolean all = all(children, End.VALUE);
                check(node, ended == all, ended ? "a child has not ended well" : "all ended well, and gave " + thrown);
                judgeFailures(node, fact, children);
            }
            case MAP_CONCURRENT -> { // a worker may meet a cancellation behind the last item
                check(node, !ended || all(children, End.VALUE), "an item has not ended well");
                judgeFailures(node, fact, children);
            }
            case GATHER_OUTCOMES -> {
                if (children.stream().allMatch(c -> end(c) == End.VALUE || end(c) == End.FAILED)) {
                    check(node, ended, "all have ended by themselves, and gave " + thrown);
                }
                check(node, ended || thrown instanceof Cancelled, "must not throw " + thrown);
            }
            case RACE -> {
                boolean won = some(node, End.VALUE);
                check(node, ended == won, won ? "somebody has won, and it gave " + thrown : "nobody has won");
                if (!won && some(node, End.FAILED)) {
                    judgeFailures(node, fact, children);
                }
            }
            case AS_COMPLETED, AS_COMPLETED_BOUNDED -> {
                if (ended) {
                    check(node, all(children, End.VALUE), "a child has not ended well");
                }
            }
            case AS_COMPLETED_LEFT -> {}
            case GROUP, CHILD_CANCELLED, CHILD_INTERRUPTED, GROUP_CANCELLED, SUPERVISED -> {
                judgeFailures(node, fact, children);
                Node body = children.getLast();
                if (ended && node.kind() != Kind.GROUP_CANCELLED) {
                    check(node, end(body) == End.VALUE, "the body has not ended well");
                }
                if (node.kind() == Kind.SUPERVISED
                        && end(body) == End.VALUE
                        && !fact.cancelledAfter
                        && !taskCancelled) {
                    check(node, !some(node, End.CANCELLED), "a child was cancelled because another one failed");
                }
                if (node.kind() == Kind.GROUP_CANCELLED) {
                    check(
                            node,
                            ended
                                    || thrown instanceof Cancelled
                                    || some(node, End.FAILED)
                                    || some(node, End.INTERRUPTED),
                            "a cancelled group ends normally, and it gave " + thrown);
                }
            }
            case BACKGROUND -> {
                if (ended) {
                    check(node, end(children.getLast()) == End.VALUE, "the body has not ended well");
                }
            }
        }
    }

    /**
     * The body of {@code using} is a scope: what an interrupt has made of foreign code becomes Cancelled there, if the
     * scope is cancelled when it is left. The interrupt may have been somebody else's, and the cancellation later.
     */
    private boolean mayBecomeCancelled(Node node, Fact fact, Node child) {
        return node.kind() == Kind.USING
                && (end(child) == End.CANCELLED || (end(child) == End.INTERRUPTED && fact.cancelledAfter));
    }

    private void judgeTimeout(Node node, Fact fact) {
        Node child = node.child(0);
        Throwable thrown = fact.thrown;
        boolean timedOut = node.kind() == Kind.TIMEOUT
                ? thrown instanceof TimeoutException && !isOfChild(node, thrown)
                : thrown == null && end(child) != End.VALUE;
        switch (end(child)) {
            case VALUE -> check(node, thrown == null, "the result wins, and it gave " + thrown);
            case FAILED -> isThatOf(node, fact, child);
            case CANCELLED -> check(node, timedOut || thrown instanceof Cancelled, "must be a timeout, not " + thrown);
            case NOT_RUN ->
                check(node, thrown instanceof Cancelled || node.micros() == 0, "not run, and gave " + thrown);
            case INTERRUPTED -> check(node, timedOut || thrown != null, "an interruption was dropped");
        }
        if (timedOut) {
            check(node, fact.nanos >= node.micros() * 1000L, "timed out early");
        }
    }

    /** A failure is never dropped: the first is thrown as it is, the others are suppressed. */
    private void judgeFailures(Node node, Fact fact, List<Node> children) {
        List<Throwable> failures = new ArrayList<>();
        for (Node child : children) {
            if (end(child) == End.FAILED) {
                failures.add(fact(child).thrown);
            }
        }
        if (failures.isEmpty()) {
            return;
        }
        Throwable thrown = fact.thrown;
        boolean own = (thrown instanceof CancellationException && taskCancelled)
                || children.stream().anyMatch(c -> end(c) == End.INTERRUPTED && fact(c).thrown == thrown);
        check(node, own || failures.stream().anyMatch(f -> f == thrown), "a child failed, and it gave " + thrown);
        if (thrown != null) {
            for (Throwable failure : failures) {
                check(node, mentions(thrown, failure), "the failure of a child was dropped: " + failure);
            }
        }
    }

    private void isThatOf(Node node, Fact fact, Node child) {
        Throwable expected = fact(child).thrown;
        check(node, fact.thrown == expected, "the child threw " + expected + ", and it gave " + fact.thrown);
    }

    private boolean isOfChild(Node node, @Nullable Throwable thrown) {
        for (Node child : node.children()) {
            Fact fact = fact(child);
            if (fact != null && fact.thrown == thrown) {
                return true;
            }
        }
        return false;
    }

    private boolean some(Node node, End end) {
        return node.children().stream().anyMatch(child -> end(child) == end);
    }

    private boolean all(List<Node> nodes, End end) {
        return nodes.stream().allMatch(node -> end(node) == end);
    }

    private static boolean mentions(Throwable thrown, Throwable wanted) {
        Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        Deque<Throwable> todo = new ArrayDeque<>(List.of(thrown));
        for (Throwable next = todo.poll(); next != null; next = todo.poll()) {
            if (next == wanted || next.toString().equals(wanted.toString())) {
                return true;
            }
            if (seen.add(next)) {
                Collections.addAll(todo, next.getSuppressed());
                if (next.getCause() != null) {
                    todo.add(next.getCause());
                }
            }
        }
        return false;
    }

    // ---------------------------------------------------------------- judging the whole

    /** Judges what {@code run} gave to a thread that is no task. */
    void judgeRun(Tree tree, @Nullable Throwable thrown, boolean flag) {
        Node root = tree.root();
        Fact fact = fact(root);
        boolean wasInterrupted = interrupted.contains(Thread.currentThread());
        check("run", !(thrown instanceof Cancelled), "Cancelled came out of run");
        check("run", !flag || wasInterrupted, "the interrupt flag is set after run");
        if (fact == null) {
            check("run", thrown instanceof CancellationException, "main did not run, and it gave " + thrown);
            return;
        }
        switch (fact.end()) {
            case VALUE -> check("run", thrown == null, "main has a value, and it gave " + thrown);
            case FAILED -> check("run", thrown == fact.thrown, "main threw " + fact.thrown + ", and it gave " + thrown);
            case CANCELLED -> check("run", thrown instanceof CancellationException, "cancelled, and it gave " + thrown);
            case INTERRUPTED -> check("run", thrown != null, "an interruption was dropped");
            case NOT_RUN -> {}
        }
    }
}
