package dev.yibu.cli;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TaskEvent;
import com.sun.source.util.TaskListener;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** A program in one source file, compiled in memory. */
final class SourceProgram {
    private static final int RELEASE = 25;

    /** There is nothing to run: the message says what to do. */
    static final class NotRunnableException extends Exception {
        private static final long serialVersionUID = 1L;

        NotRunnableException(String message) {
            super(message);
        }
    }

    /** It doesn't compile: the message is the compiler's. */
    static final class CompilationException extends Exception {
        private static final long serialVersionUID = 1L;

        CompilationException(String message) {
            super(message);
        }
    }

    private SourceProgram() {}

    /** Compiles a file and finds its main method: that of the first class in it, or of the file itself. */
    static EntryPoint compile(Path file) throws IOException, NotRunnableException, CompilationException {
        checkReadable(file);
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        if (compiler == null) {
            throw new NotRunnableException("this Java has no compiler; a JDK is needed");
        }
        StringWriter messages = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            CompiledClasses classes = new CompiledClasses(files);
            JavacTask task = (JavacTask) compiler.getTask(
                    new PrintWriter(messages), classes, null, options(), null, files.getJavaFileObjects(file));
            Structure structure = new Structure(messages);
            task.addTaskListener(structure);
            boolean compiled = task.call();
            if (structure.lacksMain) {
                throw new NotRunnableException(
                        file + " has no main method; write void main() or void main(String[] args)"
                                + " into it, in its first class if it has several");
            }
            if (!compiled) {
                throw new CompilationException(messages.toString());
            }
            return entryPoint(file, structure.mainClass, classes);
        }
    }

    private static List<String> options() {
        List<String> options =
                new ArrayList<>(List.of("-proc:none", "-nowarn", "-classpath", VisibleClasses.classPath()));
        // On a JDK of this release the option means nothing and costs a quarter of a second.
        if (Runtime.version().feature() != RELEASE) {
            options.addAll(List.of("--release", Integer.toString(RELEASE)));
        }
        return options;
    }

    private static EntryPoint entryPoint(Path file, String mainClass, CompiledClasses classes)
            throws NotRunnableException {
        ClassLoader loader = classes.loader(new VisibleClasses());
        Thread.currentThread().setContextClassLoader(loader);
        try {
            return EntryPoint.main(Class.forName(mainClass, false, loader));
        } catch (ClassNotFoundException e) {
            throw new LinkageError("compiled a moment ago", e);
        } catch (NoSuchMethodException e) {
            throw new NotRunnableException(file + ": " + e.getMessage());
        }
    }

    private static void checkReadable(Path file) throws NotRunnableException {
        if (!file.toString().endsWith(".java")) {
            throw new NotRunnableException(file + " is not a .java file");
        }
        if (!Files.exists(file)) {
            throw new NotRunnableException("there is no file " + file);
        }
        if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            throw new NotRunnableException(file + " can't be read");
        }
    }

    /** Which class the compiler found first in the file. */
    private static final class Structure implements TaskListener {
        private final StringWriter messages;
        private String mainClass = "";

        /** Whether the file is proper Java and clearly has no main method. */
        private boolean lacksMain;

        Structure(StringWriter messages) {
            this.messages = messages;
        }

        @Override
        public void finished(TaskEvent event) {
            if (event.getKind() != TaskEvent.Kind.PARSE) {
                return;
            }
            CompilationUnitTree file = event.getCompilationUnit();
            lacksMain = messages.getBuffer().isEmpty();
            for (Tree declaration : file.getTypeDecls()) {
                if (declaration instanceof ClassTree type) {
                    mainClass =
                            (file.getPackageName() == null ? "" : file.getPackageName() + ".") + type.getSimpleName();
                    lacksMain &= type.getExtendsClause() == null && !declaresMain(type);
                    break;
                }
            }
        }

        private static boolean declaresMain(ClassTree type) {
            return type.getMembers().stream()
                    .anyMatch(member -> member instanceof MethodTree method
                            && method.getName().contentEquals("main"));
        }
    }
}
