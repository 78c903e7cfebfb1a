package dev.yibu.cli;

import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Leaves in a stack trace what the user wrote and called: without the frames of the runtime that ran it. */
final class StackTraces {
    private static final Set<String> PACKAGES_OF_THE_RUNTIME = Set.of(
            "dev.yibu",
            "dev.yibu.sync",
            "dev.yibu.stream",
            "dev.yibu.lowlevel",
            "dev.yibu.cli",
            "picocli",
            "jdk.internal.reflect",
            "jdk.internal.vm");
    private static final Set<String> CLASSES_OF_THE_RUNTIME =
            Set.of("java.lang.reflect.Method", "java.lang.VirtualThread", "java.lang.ThreadBuilders");
    private static final Set<String> STARTS_OF_A_THREAD = Set.of("run", "runWith");
    private static final boolean WHOLE = Boolean.getBoolean("yibu.debug") || "1".equals(System.getenv("YIBU_DEBUG"));

    private StackTraces() {}

    /** Whether they are left as they are, since debug mode is on. */
    static boolean areWhole() {
        return WHOLE;
    }

    /** Trims the trace of an exception that is about to be shown, and those of its causes and suppressed exceptions. */
    static void trim(@Nullable Throwable exception) {
        if (!WHOLE) {
            trim(exception, Collections.newSetFromMap(new IdentityHashMap<>()));
        }
    }

    private static void trim(@Nullable Throwable exception, Set<Throwable> seen) {
        for (Throwable each = exception; each != null && seen.add(each); each = each.getCause()) {
            each.setStackTrace(Arrays.stream(each.getStackTrace())
                    .filter(StackTraces::isUsers)
                    .toArray(StackTraceElement[]::new));
            for (Throwable suppressed : each.getSuppressed()) {
                trim(suppressed, seen);
            }
        }
    }

    private static boolean isUsers(StackTraceElement frame) {
        String name = frame.getClassName();
        int nested = name.indexOf('$');
        String outermost = nested < 0 ? name : name.substring(0, nested);
        int packageEnd = outermost.lastIndexOf('.');
        String packageName = packageEnd < 0 ? "" : outermost.substring(0, packageEnd);
        return !PACKAGES_OF_THE_RUNTIME.contains(packageName)
                && !CLASSES_OF_THE_RUNTIME.contains(outermost)
                && !(outermost.equals("java.lang.Thread") && STARTS_OF_A_THREAD.contains(frame.getMethodName()));
    }
}
