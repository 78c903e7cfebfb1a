package dev.yibu.lowlevel;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/*
 * One timer for all deadlines of a strand
 *
 * Most deadlines never come, and a timer for each would be set and taken back for nothing. So a strand has one alarm. It is
 * set for the earliest deadline of the strand's open scopes, or for some time before that: when the scope for which it was
 * set has ended it stays as it is, and a scope whose deadline is later finds that it need not do anything. When it rings, it
 * expires the open scopes that are due, perhaps none, and is set again for the earliest of the others. When the strand
 * ends, it is taken back.
 *
 * The strand sets it, and so does the timer's thread, at the same time perhaps. Each setting is a timer of its own, and the
 * field says which one counts. Whoever replaces a setting by an earlier one takes the later one back; if that has not been
 * scheduled yet, it is taken back by the one who is about to schedule it, who looks at the field afterwards.
 *
 * A scope is entered, or its deadline is moved, before its strand looks at the field; a setting is removed from the field
 * before it looks for scopes. So one of them sees the other, and no deadline is missed.
 */

/** Expires the {@link DeadlineScope}s of one strand. Created, used and ended by the strand; rings on any thread. */
final class Alarm {
    private static final VarHandle SETTING;

    static {
        try {
            SETTING = MethodHandles.lookup().findVarHandle(Alarm.class, "setting", Setting.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** A time for which it was set. */
    private final class Setting extends Timer {
        final long nanos;

        Setting(long nanos) {
            this.nanos = nanos;
        }

        @Override
        protected void expire() {
            if (SETTING.compareAndSet(Alarm.this, this, null)) {
                ring();
            }
        }

        @Override
        public String toString() {
            return "deadlines in " + strand;
        }
    }

    private final Strand strand;

    /** The setting that counts; null if it is not set, and while it rings. */
    private volatile @Nullable Setting setting;

    private volatile boolean ended;

    Alarm(Strand strand) {
        this.strand = strand;
    }

    /**
     * Sees to it that it rings by a deadline at the latest.
     *
     * @param deadlineNanos that of a scope that is open already
     */
    void ringBy(long deadlineNanos) {
        Setting later = setting;
        while (later == null || deadlineNanos - later.nanos < 0) {
            Setting added = new Setting(deadlineNanos);
            if (SETTING.compareAndSet(this, later, added)) {
                replace(later, added);
                return;
            }
            later = setting;
        }
    }

    private void replace(@Nullable Setting removed, Setting added) {
        Driver driver = strand.driver();
        driver.schedule(added, added.nanos);
        if (removed != null) {
            driver.cancel(removed);
        }
        if (ended || setting != added) {
            driver.cancel(added);
        }
    }

    private void ring() {
        long now = strand.driver().nanoTime();
        boolean isNeeded = false;
        long earliest = 0;
        for (CancelScope scope = strand.scope(); scope != null && scope != strand; scope = scope.parent) {
            if (scope instanceof DeadlineScope limited && !limited.expireIfDue(now)) {
                long deadline = limited.deadlineNanos();
                earliest = isNeeded && earliest - deadline < 0 ? earliest : deadline;
                isNeeded = true;
            }
        }
        if (isNeeded) {
            ringBy(earliest);
        }
    }

    /** Takes it back; the strand opens no scope any more. */
    void end() {
        ended = true;
        Setting left = (Setting) SETTING.getAndSet(this, (Setting) null);
        if (left != null) {
            strand.driver().cancel(left);
        }
    }
}
