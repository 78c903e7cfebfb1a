package dev.yibu;

import java.lang.StackWalker.StackFrame;
import org.jspecify.annotations.Nullable;

/** Where in the user's code something was called. */
final class Sites {
    private static final StackWalker WALKER = StackWalker.getInstance();

    private Sites() {}

    /** The caller's place in debug mode; null otherwise, since walking the stack costs more than starting a task. */
    static @Nullable String caller() {
        return Debug.enabled() ? find() : null;
    }

    /** The first frame outside the library, as {@code File.java:12}. */
    static @Nullable String find() {
        return WALKER.walk(frames -> frames.filter(Sites::isUsers)
                .findFirst()
                .map(frame -> frame.getFileName() + ":" + frame.getLineNumber())
                .orElse(null));
    }

    private static boolean isUsers(StackFrame frame) {
        String name = frame.getClassName();
        return !name.startsWith("dev.yibu.") || !isLibrary(name);
    }

    private static boolean isLibrary(String className) {
        int packageEnd = className.lastIndexOf('.');
        String packageName = className.substring(0, packageEnd);
        boolean isFace = packageName.equals("dev.yibu") || packageName.equals("dev.yibu.stream");
        return (isFace && !className.endsWith("Test") && !className.contains("Test$"))
                || packageName.equals("dev.yibu.lowlevel");
    }
}
