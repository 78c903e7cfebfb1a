package dev.yibu.lowlevel;

import java.lang.System.Logger.Level;
import java.util.function.Supplier;

/** The log, for threads that must go on even if it fails. */
final class Reporting {
    private Reporting() {}

    static void log(Level level, Supplier<String> message, Throwable failure) {
        try {
            System.getLogger("dev.yibu").log(level, message, failure);
        } catch (Throwable e) {
            // There is nobody left to tell but the console.
            System.err.println("dev.yibu: a logger failed with " + e.getClass().getName());
        }
    }
}
