package dev.yibu.sync;

import dev.yibu.Cancelled;
import dev.yibu.lowlevel.Held;
import dev.yibu.lowlevel.Holding;
import dev.yibu.lowlevel.Lender;
import dev.yibu.lowlevel.Strand;
import dev.yibu.lowlevel.Suspension;
import dev.yibu.lowlevel.Suspension.Abort;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A number of tokens, each borne by a task that it is known by, and the number can change while they are in use. Compare
 * {@code anyio.CapacityLimiter} and {@code trio.CapacityLimiter}. A {@link Semaphore} is cheaper, and its permits belong to
 * nobody.
 *
 * <p><b>Usage.</b>
 *
 * {@snippet file="dev/yibu/Snippets.java" region=capacity-limiter}
 *
 * <p><b>Bearers.</b> A task bears at most one token of a limiter; inside {@code blocking} or {@code runInExecutor} that is
 * the task that has called them. On a thread from outside it is the thread. {@link #acquireOnBehalfOf} gives the token to
 * any other object, such as a connection, which stays its bearer whoever acquires or releases. Asking for a second token is
 * an error, since it could wait for the first. A task that ends gives its token back.
 *
 * <p><b>Adjusting.</b> {@link #totalTokens(int)} changes the number at any time. More tokens let waiters go on at once; of
 * fewer, those in use are not taken away: the surplus drains as they are released. Zero lets nobody begin.
 *
 * <p><b>Fairness.</b> First come, first served; a token that is released goes straight to who has waited longest. {@code
 * tryAcquire} fails while others wait.
 *
 * <p><b>Cancellation.</b> {@link #acquire()} is a checkpoint. A cancelled waiter bears no token and has left the queue. If
 * the token was handed over in the moment of the cancellation the caller has it, and the cancellation is met at the next
 * checkpoint.
 *
 * <p><b>Memory effects.</b> What happened before a {@code release} is visible after an {@code acquire} that had to wait for
 * it, or that comes later. Any thread may call any method.
 */
public final class CapacityLimiter implements Lender {
    /** One bearer's token, or wait for it. */
    private final class Token extends Holding implements Held {
        private final Object bearer;

        @Nullable
        Suspension<@Nullable Void> suspension;

        Token(Object bearer) {
            this.bearer = bearer;
        }

        @Override
        public Collection<Strand> holders() {
            return bearingStrands();
        }

        @Override
        protected void abandoned(Strand holder) {
            giveBack(bearer);
        }

        @Override
        public String toString() {
            return CapacityLimiter.this.toString();
        }
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final @Nullable String name;

    // Guarded by the lock. Both in the order of arrival; nobody waits while a token is free.
    private final Map<Object, Token> borne = new LinkedHashMap<>();
    private final Map<Object, Token> waiting = new LinkedHashMap<>();
    private int totalTokens;

    private CapacityLimiter(int totalTokens, @Nullable String name) {
        this.totalTokens = checked(totalTokens);
        this.name = name;
        Callers.lends(this);
    }

    /**
     * A limiter.
     *
     * @param totalTokens how many tokens there are at first; zero or more
     * @return the limiter
     * @throws IllegalArgumentException if {@code totalTokens} is negative
     */
    public static CapacityLimiter of(int totalTokens) {
        return new CapacityLimiter(totalTokens, null);
    }

    /**
     * A limiter with a name.
     *
     * @param totalTokens how many tokens there are at first; zero or more
     * @param name what listings and messages call it
     * @return the limiter
     * @throws IllegalArgumentException if {@code totalTokens} is negative
     */
    public static CapacityLimiter of(int totalTokens, String name) {
        return new CapacityLimiter(totalTokens, Callers.named(name));
    }

    private static int checked(int totalTokens) {
        if (totalTokens < 0) {
            throw new IllegalArgumentException("a capacity of " + totalTokens + " tokens; zero is the least");
        }
        return totalTokens;
    }

    // ---------------------------------------------------------------- acquire

    /**
     * Takes a token for the calling task; waits until there is one.
     *
     * @throws Cancelled if the caller is cancelled; it has taken nothing
     * @throws IllegalStateException if the task bears, or waits for, a token of this limiter already
     */
    public void acquire() {
        Strand strand = Strand.current();
        if (strand == null) {
            Callers.attached(this::acquire);
            return;
        }
        strand.checkpoint();
        Object bearer = strand.holder();
        Token token = new Token(bearer);
        acquire(strand, token);
        if (bearer instanceof Strand holder) {
            holder.hold(token);
        }
    }

    /**
     * Takes a token for any object; waits until there is one. Give it back with {@link #releaseOnBehalfOf}.
     *
     * @param bearer who is to bear it; bearers are told apart by {@code equals}
     * @throws Cancelled if the caller is cancelled; it has taken nothing
     * @throws IllegalStateException if {@code bearer} bears, or waits for, a token of this limiter already
     */
    public void acquireOnBehalfOf(Object bearer) {
        Objects.requireNonNull(bearer, "bearer");
        Strand strand = Strand.current();
        if (strand == null) {
            Callers.attached(() -> acquireOnBehalfOf(bearer));
            return;
        }
        strand.checkpoint();
        acquire(strand, new Token(bearer));
    }

    private void acquire(Strand strand, Token token) {
        Suspension<@Nullable Void> suspension;
        lock.lock();
        try {
            if (takeIfFree(token)) {
                return;
            }
            suspension = new Suspension<>(strand, token);
            token.suspension = suspension;
            waiting.put(token.bearer, token);
        } finally {
            lock.unlock();
        }
        suspension.await(() -> takeBack(token));
    }

    /** Called with the lock. */
    private boolean takeIfFree(Token token) {
        Object bearer = token.bearer;
        if (borne.containsKey(bearer) || waiting.containsKey(bearer)) {
            throw new IllegalStateException(
                    Callers.describe(bearer) + (borne.containsKey(bearer) ? " bears" : " waits for") + " a token of "
                            + this + " already, and could wait for itself");
        }
        if (borne.size() >= totalTokens) { // while others wait it is so
            return false;
        }
        borne.put(bearer, token);
        return true;
    }

    private Abort takeBack(Token token) {
        lock.lock();
        try {
            return waiting.remove(token.bearer, token) ? Abort.ABORTED : Abort.TOO_LATE;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes a token for the calling task if one is free and nobody waits for it. Never waits, and is no checkpoint.
     *
     * @return whether the task bears a token now
     * @throws IllegalStateException if the task bears, or waits for, a token of this limiter already
     */
    public boolean tryAcquire() {
        Object bearer = Callers.holder(Strand.current());
        Token token = new Token(bearer);
        if (!tryAcquire(token)) {
            return false;
        }
        if (bearer instanceof Strand holder) {
            holder.hold(token);
        }
        return true;
    }

    /**
     * Takes a token for any object if one is free and nobody waits for it. Never waits, and is no checkpoint.
     *
     * @param bearer who is to bear it; bearers are told apart by {@code equals}
     * @return whether {@code bearer} bears a token now
     * @throws IllegalStateException if {@code bearer} bears, or waits for, a token of this limiter already
     */
    public boolean tryAcquireOnBehalfOf(Object bearer) {
        return tryAcquire(new Token(Objects.requireNonNull(bearer, "bearer")));
    }

    private boolean tryAcquire(Token token) {
        lock.lock();
        try {
            return takeIfFree(token);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes a token for the calling task and a block; waits until there is one.
     *
     * @return gives the token back when it is closed
     * @throws Cancelled if the caller is cancelled; it has taken nothing
     * @throws IllegalStateException if the task bears, or waits for, a token of this limiter already
     */
    public Hold hold() {
        Hold hold = new Hold(this);
        acquire();
        return hold;
    }

    // ---------------------------------------------------------------- release

    /**
     * Gives the calling task's token back. Never waits, and is no checkpoint.
     *
     * @throws IllegalStateException if it bears none
     */
    public void release() {
        Object bearer = Callers.holder(Strand.current());
        if (bearer instanceof Strand holder) {
            Token token = tokenOf(bearer);
            if (token != null) {
                holder.letGo(token);
            }
        }
        giveBack(bearer);
    }

    /**
     * Gives the token of any object back. Never waits, and is no checkpoint.
     *
     * @param bearer for whom it was acquired
     * @throws IllegalStateException if it bears none
     */
    public void releaseOnBehalfOf(Object bearer) {
        giveBack(Objects.requireNonNull(bearer, "bearer"));
    }

    private @Nullable Token tokenOf(Object bearer) {
        lock.lock();
        try {
            return borne.get(bearer);
        } finally {
            lock.unlock();
        }
    }

    private void giveBack(Object bearer) {
        List<Token> granted;
        lock.lock();
        try {
            if (borne.remove(bearer) == null) {
                throw new IllegalStateException(Callers.describe(bearer) + " bears no token of " + this);
            }
            granted = grant();
        } finally {
            lock.unlock();
        }
        resume(granted);
    }

    /** Gives what is free to those who have waited longest. Called with the lock. */
    private List<Token> grant() {
        List<Token> granted = new ArrayList<>(1);
        Iterator<Token> longest = waiting.values().iterator();
        while (borne.size() < totalTokens && longest.hasNext()) {
            Token token = longest.next();
            longest.remove();
            borne.put(token.bearer, token);
            granted.add(token);
        }
        return granted;
    }

    private static void resume(List<Token> granted) {
        for (Token token : granted) {
            Objects.requireNonNull(token.suspension).resume(null);
        }
    }

    // ---------------------------------------------------------------- adjust, and look at

    /**
     * Changes how many tokens there are. Never waits, and is no checkpoint.
     *
     * @param totalTokens the new number; zero or more
     * @throws IllegalArgumentException if {@code totalTokens} is negative
     */
    public void totalTokens(int totalTokens) {
        checked(totalTokens);
        List<Token> granted;
        lock.lock();
        try {
            this.totalTokens = totalTokens;
            granted = grant();
        } finally {
            lock.unlock();
        }
        resume(granted);
    }

    private List<Strand> bearingStrands() {
        lock.lock();
        try {
            List<Strand> strands = new ArrayList<>();
            for (Object bearer : borne.keySet()) {
                if (bearer instanceof Strand strand) {
                    strands.add(strand);
                }
            }
            return strands;
        } finally {
            lock.unlock();
        }
    }

    /**
     * What it looks like now.
     *
     * @return a snapshot
     */
    public Statistics statistics() {
        List<Object> bearers;
        int total;
        int waiters;
        lock.lock();
        try {
            bearers = new ArrayList<>(borne.keySet());
            total = totalTokens;
            waiters = waiting.size();
        } finally {
            lock.unlock();
        }
        return new Statistics(
                total, bearers.stream().map(Callers::describe).toList(), waiters); // their toString may do anything
    }

    /**
     * Tokens that have not come back.
     *
     * @return how many and from whom; nothing if all are back
     */
    @Override
    public Optional<String> outstanding() {
        Statistics now = statistics();
        return now.bearers().isEmpty()
                ? Optional.empty()
                : Optional.of(this + " lacks " + now.bearers().size() + " of " + now.totalTokens()
                        + " tokens, borne by " + String.join(", ", now.bearers()));
    }

    @Override
    public String toString() {
        return Callers.label("capacity limiter", name);
    }

    /**
     * A limiter at some moment.
     *
     * @param totalTokens how many tokens there are
     * @param bearers who bears one, such as {@code task "a"}, the longest first; more than there are tokens while a
     *     surplus drains
     * @param waiting how many wait for one
     */
    public record Statistics(int totalTokens, List<String> bearers, int waiting) {
        /** Copies the list. */
        public Statistics {
            bearers = List.copyOf(bearers);
        }
    }

    /** A token that is given back at the end of a block. Closing it again does nothing; only its task may close it. */
    public static final class Hold implements AutoCloseable {
        private final CapacityLimiter limiter;
        private final AtomicBoolean closed = new AtomicBoolean();

        Hold(CapacityLimiter limiter) {
            this.limiter = limiter;
        }

        /**
         * Gives the token back. Never waits.
         *
         * @throws IllegalStateException if the calling task bears no token
         */
        @Override
        public void close() {
            if (closed.compareAndSet(false, true)) {
                limiter.release();
            }
        }
    }
}
