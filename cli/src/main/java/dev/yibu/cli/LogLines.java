package dev.yibu.cli;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;

/**
 * The log as a command-line program shows it: a line for each message on standard error, and stack traces without the
 * runtime.
 */
public final class LogLines extends Formatter {
    private static final String CONFIGURATION = "java.util.logging.config.class";

    /** For {@link LogManager}. */
    public LogLines() {}

    /** Takes effect at the first message; unless the user has a configuration. */
    static void install() {
        if (System.getProperty("java.util.logging.config.file") == null && System.getProperty(CONFIGURATION) == null) {
            System.setProperty(CONFIGURATION, Configuration.class.getName());
        }
    }

    /** What {@link LogManager} makes when somebody logs for the first time. */
    public static final class Configuration {
        /**
         * Configures the log.
         *
         * @throws IOException never
         */
        public Configuration() throws IOException {
            String settings = """
                    handlers = java.util.logging.ConsoleHandler
                    java.util.logging.ConsoleHandler.formatter = %s
                    """.formatted(LogLines.class.getName());
            LogManager.getLogManager()
                    .readConfiguration(new ByteArrayInputStream(settings.getBytes(StandardCharsets.ISO_8859_1)));
        }
    }

    @Override
    public String format(LogRecord message) {
        StringWriter lines = new StringWriter();
        PrintWriter out = new PrintWriter(lines);
        String level = message.getLevel() == Level.SEVERE
                ? "ERROR"
                : message.getLevel().getName();
        out.println(level + ": " + formatMessage(message));
        Throwable thrown = message.getThrown();
        if (thrown != null) {
            StackTraces.trim(thrown);
            thrown.printStackTrace(out);
        }
        return lines.toString();
    }
}
