package dev.yibu.lowlevel;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Counts the cancellations in a tree of strands, when they begin and when they are written, so that a strand need not walk
 * up its scopes to learn that nothing was cancelled since it last looked.
 *
 * <p>A strand that finds as many written as begun, and its scope not cancelled, may take the scope for not cancelled until
 * another one begins. It reads the written ones first: there are never more of them than begun ones, and neither count
 * ever falls, so if they are equal, then nothing was half-way when it read the first.
 */
final class Cancellations {
    private static final VarHandle BEGUN;
    private static final VarHandle WRITTEN;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            BEGUN = lookup.findVarHandle(Cancellations.class, "begun", long.class);
            WRITTEN = lookup.findVarHandle(Cancellations.class, "written", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private volatile long begun;
    private volatile long written;

    /** To be called before the state of a scope changes so that somebody may have to unwind. Any thread. */
    void begin() {
        BEGUN.getAndAdd(this, 1L);
    }

    /** To be called after that, and before strands are looked at. */
    void end() {
        WRITTEN.getAndAdd(this, 1L);
    }

    long begun() {
        return begun;
    }

    long written() {
        return written;
    }
}
