package dev.yibu.cli;

import dev.yibu.Async;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/**
 * The world that a user's program sees: the JDK and Yibu's core, but not this program and the libraries it is made of.
 * The classes are those of this program's loader, which come out of the archive of a first run.
 */
final class CoreOnly extends ClassLoader {
    private static final ClassLoader PROGRAM = CoreOnly.class.getClassLoader();

    CoreOnly() {
        super(ClassLoader.getPlatformClassLoader());
    }

    /** The same for a compiler. */
    static String classPath() {
        List<String> entries = new ArrayList<>();
        for (Class<?> type : List.of(Async.class, NullMarked.class)) {
            String entry = location(type);
            if (entry != null && !entries.contains(entry)) {
                entries.add(entry);
            }
        }
        return entries.stream().collect(Collectors.joining(System.getProperty("path.separator")));
    }

    private static @Nullable String location(Class<?> type) {
        CodeSource source = type.getProtectionDomain().getCodeSource();
        try {
            return source == null ? null : Path.of(source.getLocation().toURI()).toString();
        } catch (URISyntaxException e) {
            throw new LinkageError(source.getLocation() + " is no address", e);
        }
    }

    /** Asked for what the platform's loader has not: core, and those modules of the JDK that come with the program's loader. */
    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        boolean mayBeCore = name.startsWith("dev.yibu.") || name.startsWith("org.jspecify.");
        if (mayBeCore
                || ModuleLayer.boot().modules().stream().anyMatch(module -> isOfTheJdk(module, packageOf(name)))) {
            Class<?> type = PROGRAM.loadClass(name);
            if (!mayBeCore || isCore(type)) {
                return type;
            }
        }
        throw new ClassNotFoundException(name);
    }

    private static boolean isCore(Class<?> type) {
        String location = location(type);
        return location != null
                && (location.equals(location(Async.class)) || location.equals(location(NullMarked.class)));
    }

    private static boolean isOfTheJdk(Module module, String packageName) {
        return (module.getName().startsWith("jdk.") || module.getName().startsWith("java."))
                && module.getPackages().contains(packageName);
    }

    private static String packageOf(String className) {
        return className.substring(0, Math.max(0, className.lastIndexOf('.')));
    }
}
