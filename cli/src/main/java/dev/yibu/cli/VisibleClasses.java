package dev.yibu.cli;

import java.io.File;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The world that a user's program sees: the JDK, Yibu's core, files, HTTP, databases with a server to try them on, and the
 * crawler, but not this program and the libraries it is made of.
 * The classes are those of this program's loader, which come out of the launcher's cache of a first run.
 */
final class VisibleClasses extends ClassLoader {
    private static final ClassLoader PROGRAM = VisibleClasses.class.getClassLoader();
    private static final List<String> VISIBLE = Stream.of(
                    "dev.yibu.Async",
                    "dev.yibu.crawler.Crawler",
                    "dev.yibu.http.HttpSession",
                    "dev.yibu.io.AsyncFiles",
                    "dev.yibu.sql.Database",
                    "io.zonky.test.db.postgres.embedded.EmbeddedPostgres",
                    "org.jspecify.annotations.NullMarked")
            .flatMap(name -> Stream.ofNullable(location(name)))
            .toList();

    private static final List<String> OWN = List.of("dev.yibu.", "io.zonky.test.db.", "org.jspecify.");

    VisibleClasses() {
        super(ClassLoader.getPlatformClassLoader());
    }

    /** The same for a compiler. */
    static String classPath() {
        return String.join(File.pathSeparator, VISIBLE);
    }

    private static @Nullable String location(String className) {
        try {
            return location(Class.forName(className, false, PROGRAM));
        } catch (ClassNotFoundException e) {
            return null; // the annotations are for compilers, the modules beside the core for who uses them
        }
    }

    private static @Nullable String location(Class<?> type) {
        CodeSource source = type.getProtectionDomain().getCodeSource();
        if (source == null) {
            return null;
        }
        try {
            return Path.of(source.getLocation().toURI()).toString();
        } catch (URISyntaxException e) {
            throw new LinkageError(source.getLocation() + " is no address", e);
        }
    }

    /** Asked for what the platform's loader has not: what is visible, and what comes with the program's loader in the JDK. */
    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        Set<Module> modules = ModuleLayer.boot().modules();
        boolean mayBeVisible = OWN.stream().anyMatch(name::startsWith);
        if (mayBeVisible || modules.stream().anyMatch(module -> isOfTheJdk(module, packageOf(name)))) {
            Class<?> type = PROGRAM.loadClass(name);
            if (!mayBeVisible || VISIBLE.contains(location(type))) {
                return type;
            }
        }
        throw new ClassNotFoundException(name);
    }

    private static boolean isOfTheJdk(Module module, String packageName) {
        return (module.getName().startsWith("jdk.") || module.getName().startsWith("java."))
                && module.getPackages().contains(packageName);
    }

    private static String packageOf(String className) {
        return className.substring(0, Math.max(0, className.lastIndexOf('.')));
    }
}
