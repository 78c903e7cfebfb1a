package dev.yibu.sync;

import dev.yibu.lowlevel.Lender;
import dev.yibu.lowlevel.Strand;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Who calls: a strand, or a thread from outside that has none. */
final class Callers {
    private Callers() {}

    /** Repeats a call that may wait, on a thread that has no strand, with one. */
    static void attached(Runnable call) {
        Strand.<@Nullable Void, RuntimeException>attached(() -> {
            call.run();
            return null;
        });
    }

    /** Whether an outside thread may take a short cut: an interrupt has to be noticed. */
    static boolean isUninterrupted() {
        return !Thread.currentThread().isInterrupted();
    }

    /** Makes a lender known to the caller's driver. */
    static void lends(Lender lender) {
        Strand strand = Strand.current();
        if (strand != null) {
            strand.driver().lends(lender);
        }
    }

    /** Who is to have what the caller acquires. */
    static Object holder(@Nullable Strand strand) {
        return strand == null ? Thread.currentThread() : strand.holder();
    }

    /** What messages call a holder. */
    static String describe(Object holder) {
        return holder instanceof Thread thread ? "thread \"" + thread.getName() + '"' : holder.toString();
    }

    /** What listings and messages call an object of this package. */
    static String label(String kind, @Nullable String name) {
        return name == null ? kind : kind + " \"" + name + '"';
    }

    static String named(String name) {
        return Objects.requireNonNull(name, "name");
    }
}
