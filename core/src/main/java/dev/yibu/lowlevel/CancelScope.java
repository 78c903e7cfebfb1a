package dev.yibu.lowlevel;

import dev.yibu.CancelReason;
import dev.yibu.Cancelled;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A region of a strand's execution that can be cancelled. Compare {@code trio.CancelScope}.
 *
 * <p><b>State, not signal.</b> A scope is <em>effectively cancelled</em> when it was {@linkplain #cancel cancelled}
 * itself, or when its parent is effectively cancelled and the scope is not shielded. This is computed where it is asked
 * for, by walking up the parents, so it can't get out of step. Every checkpoint inside asks, and throws
 * {@link Cancelled}.
 *
 * <p><b>Nesting.</b> Scopes of one strand form a stack: {@link #enter()} and {@link #leave} are called by the strand
 * that created the scope, in the order of the stack. The outermost scope of a task's strand has for its parent the scope
 * of the group that owns the task.
 *
 * <p><b>Thread-safety.</b> {@link #cancel}, {@link #isCancelled()} and {@link #reason()} may be called by any thread at
 * any time, everything else by the owning strand only. What happened before a cancellation is visible to whoever sees it.
 */
public class CancelScope {
    private static final VarHandle REASON;

    static {
        try {
            REASON = MethodHandles.lookup().findVarHandle(CancelScope.class, "reason", CancelReason.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static final CancelScope[] NONE = {};

    final @Nullable CancelScope parent;
    final Strand strand;

    /** Why this scope was cancelled; null until it is. Written once. */
    private volatile @Nullable CancelReason reason;

    /** Whether the owning strand has had its interrupt for this scope's cancellation, or has thrown instead. */
    volatile boolean paid;

    /** Whether cancellation from outside stops here. Only a {@link Shield} sets it. */
    volatile boolean shielding;

    /** Scopes of groups that were started here but end when this scope does, as an abandoned iteration. Copied on write. */
    private volatile CancelScope @Nullable [] adopted;

    /**
     * A scope inside the strand's current one.
     *
     * @param strand the owner, which is the calling strand
     */
    protected CancelScope(Strand strand) {
        this.strand = Objects.requireNonNull(strand, "strand");
        this.parent = strand.scope();
    }

    /** For {@link Strand}, which is the outermost scope of its own stack. */
    CancelScope(@Nullable CancelScope parent) {
        this.strand = (Strand) this;
        this.parent = parent;
    }

    /**
     * The strand that entered this scope.
     *
     * @return the owner
     */
    public final Strand strand() {
        return strand;
    }

    /**
     * The scope around this one; for the outermost scope of a task, the scope of its group.
     *
     * @return the parent, or null at the root
     */
    public final @Nullable CancelScope parent() {
        return parent;
    }

    /**
     * Requests the cancellation of everything inside this scope, and wakes or interrupts what waits there. Does not
     * wait. Idempotent: the first reason is kept. A scope that has been left is not affected any more.
     *
     * @param reason why
     * @return whether this was the first request
     */
    public final boolean cancel(CancelReason reason) {
        Objects.requireNonNull(reason, "reason");
        if (this.reason != null) {
            return false;
        }
        Cancellations cancellations = strand.cancellations();
        cancellations.begin();
        boolean first = REASON.compareAndSet(this, null, reason);
        cancellations.end();
        if (first) {
            strand.deliver();
        }
        return first;
    }

    /**
     * The reason of a cancellation of this very scope.
     *
     * @return the reason, or null if nobody has cancelled this scope
     */
    public final @Nullable CancelReason reason() {
        return reason;
    }

    /**
     * Whether code inside this scope is to unwind: because of this scope, or of one around it that no shield keeps out.
     *
     * @return whether this scope is effectively cancelled
     */
    public final boolean isCancelled() {
        for (CancelScope scope = this; scope != null; scope = scope.parent) {
            if (scope.reason != null) {
                return true;
            }
            if (scope.shielding) {
                return false;
            }
        }
        return false;
    }

    /** The outermost cancelled scope whose cancellation reaches this one: the one that is being unwound to. */
    final @Nullable CancelScope outermostCancelled() {
        CancelScope found = null;
        for (CancelScope scope = this; scope != null; scope = scope.parent) {
            if (scope.reason != null) {
                found = scope;
            }
            if (scope.shielding) {
                break;
            }
        }
        return found;
    }

    /**
     * The reason for which code inside this scope is to unwind.
     *
     * @return the reason of the outermost cancellation that reaches this scope, or null if none does
     */
    public final @Nullable CancelReason effectiveReason() {
        CancelScope scope = outermostCancelled();
        return scope == null ? null : scope.reason;
    }

    /**
     * Whether cancellation from outside stops at this scope.
     *
     * @return whether it is a shield whose grace is not over
     */
    public final boolean isShielding() {
        return shielding;
    }

    /** Makes this the strand's current scope. */
    public void enter() {
        strand.push(this);
    }

    /**
     * Ends this scope: ends what was adopted, makes the parent current again, and says what is to be thrown.
     *
     * <p>If the scope is effectively cancelled and {@code thrown} is what an interrupt makes of foreign code, the result
     * is a {@link Cancelled} with it as the cause. No interrupt of a cancellation inside this scope arrives later.
     *
     * @param thrown what the body threw, or null if it ended normally
     * @return what the caller has to throw, or null
     */
    public @Nullable Throwable leave(@Nullable Throwable thrown) {
        Throwable outcome = endAdopted(thrown);
        outcome = strand.translate(outcome);
        strand.pop(this, outcome);
        return outcome;
    }

    /**
     * Says that the body has ended: the owner is owed no interrupt for this scope's own cancellation any more, and one
     * that has arrived is cleared. For scopes that wait before they are left.
     */
    protected final void bodyHasEnded() {
        paid = true;
        strand.closeInterruptWindow(parent);
    }

    /**
     * The last part of {@link #leave} alone: makes the parent current again.
     *
     * @param thrown what is going to be thrown, or null
     */
    protected final void exit(@Nullable Throwable thrown) {
        strand.pop(this, thrown);
    }

    /**
     * Ties the end of another scope to the end of this one.
     *
     * @param scope a scope that was created inside this one by its strand, and that is not on the strand's stack
     */
    public final void adopt(CancelScope scope) {
        Objects.requireNonNull(scope, "scope");
        for (CancelScope earlier : adopted()) {
            if (earlier.hasEnded()) {
                earlier.endAbandoned(null);
                release(earlier);
            }
        }
        CancelScope[] before = adopted();
        CancelScope[] after = Arrays.copyOf(before, before.length + 1);
        after[before.length] = scope;
        adopted = after;
    }

    /**
     * Takes back {@link #adopt}, when the scope has ended by itself.
     *
     * @param scope the adopted scope
     */
    public final void release(CancelScope scope) {
        Objects.requireNonNull(scope, "scope");
        CancelScope[] after = Arrays.stream(adopted()).filter(s -> s != scope).toArray(CancelScope[]::new);
        adopted = after.length == 0 ? null : after;
    }

    /** Passes what was adopted here on to the scope around this one, whose end then ends it. */
    public final void passOnAdopted() {
        CancelScope outer = Objects.requireNonNull(parent);
        for (CancelScope scope : adopted()) {
            outer.adopt(scope);
        }
        adopted = null;
    }

    final CancelScope[] adopted() {
        CancelScope[] now = adopted;
        return now == null ? NONE : now;
    }

    /**
     * Cancels and joins what was adopted, the youngest first.
     *
     * @param thrown what is being thrown already, or null
     * @return what is to be thrown afterwards, or null
     */
    protected final @Nullable Throwable endAdopted(@Nullable Throwable thrown) {
        for (CancelScope[] left = adopted(); left.length > 0; left = adopted()) {
            CancelScope youngest = left[left.length - 1];
            thrown = youngest.endAbandoned(thrown);
            release(youngest);
        }
        return thrown;
    }

    /**
     * Whether an adopted scope is no longer used and has nothing left to join, so that it need not be kept.
     *
     * @return false, unless a subclass knows better
     */
    protected boolean hasEnded() {
        return false;
    }

    /**
     * Called when the scope that adopted this one ends before it: must cancel and join.
     *
     * @param thrown what is being thrown already, or null
     * @return what is to be thrown afterwards, or null
     */
    protected @Nullable Throwable endAbandoned(@Nullable Throwable thrown) {
        return thrown;
    }

    /**
     * Passes the strands of the tasks that this scope owns to {@code visitor}. Overridden by the scopes of groups. Any
     * thread may call this; a strand that is started meanwhile looks at the cancel state by itself.
     *
     * @param visitor receives each strand
     */
    public void visitChildren(Consumer<? super Strand> visitor) {
        Objects.requireNonNull(visitor, "visitor");
    }

    /**
     * Passes the strands that this scope owns, and those of scopes that it has adopted, to {@code visitor}. For listings.
     *
     * @param visitor receives each strand
     */
    public final void visitOwned(Consumer<? super Strand> visitor) {
        Objects.requireNonNull(visitor, "visitor");
        visitChildren(visitor);
        for (CancelScope scope : adopted()) {
            scope.visitChildren(visitor);
        }
    }
}
