package dev.yibu.cli;

import static dev.yibu.Async.blocking;
import static dev.yibu.Async.sleep;

import dev.yibu.Coroutine;
import dev.yibu.Task;
import dev.yibu.TaskGroup;
import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Supplier;

/** Tells now and then how far a crawl is: on a terminal in one line that changes, elsewhere a line every five seconds. */
final class CrawlProgress {
    private static final Duration ON_A_TERMINAL = Duration.ofMillis(200);
    private static final Duration ELSEWHERE = Duration.ofSeconds(5);
    private static final String CLEAR = "\r\u001b[K";

    /** Around a line that a narrow terminal is to cut off: broken in two it could not be cleared. */
    private static final String NO_WRAP = "\u001b[?7l";

    private static final String WRAP = "\u001b[?7h";

    private final PrintWriter err;
    private final Supplier<String> state;
    private final boolean terminal = stderrIsTerminal();

    CrawlProgress(PrintWriter err, Supplier<String> state) {
        this.err = err;
        this.state = state;
    }

    /** Shows the state for as long as a body runs. */
    <T, X extends Throwable> T during(Coroutine<? extends T, ? extends X> body) throws X {
        return TaskGroup.<T, X>call(group -> {
            Task<?> showing = group.start("progress", this::show);
            T value = body.run();
            showing.cancel();
            return value;
        });
    }

    private void show() {
        try {
            for (; ; ) {
                sleep(terminal ? ON_A_TERMINAL : ELSEWHERE);
                String line = state.get();
                blocking(() -> print(terminal ? CLEAR + NO_WRAP + line + WRAP : line + System.lineSeparator()));
            }
        } finally {
            if (terminal) {
                print(CLEAR);
            }
        }
    }

    private void print(String text) {
        err.print(text);
        err.flush();
    }

    /** The JDK can tell only for all three streams together; Linux for one. */
    @SuppressWarnings("SystemConsoleNull") // it is null again since JDK 25, where there is no terminal
    private static boolean stderrIsTerminal() {
        Path stderr = Path.of("/proc/self/fd/2");
        try {
            return Files.readSymbolicLink(stderr).toString().matches("/dev/(pts/\\d+|tty\\S*|console)");
        } catch (IOException | UnsupportedOperationException e) {
            Console console = System.console();
            return console != null && console.isTerminal();
        }
    }
}
