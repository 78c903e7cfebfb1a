package dev.yibu;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What the library logs while this is open; nothing of it reaches the console. */
final class LogCapture implements AutoCloseable {
    private final Logger logger = Logger.getLogger("dev.yibu");
    private final boolean toParents = logger.getUseParentHandlers();
    private final List<LogRecord> records = new CopyOnWriteArrayList<>();

    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord record) {
            records.add(record);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    LogCapture() {
        logger.setUseParentHandlers(false);
        logger.addHandler(handler);
    }

    /** The messages that contain a text, such as a task's name. */
    List<String> messages(String part) {
        return records(part).stream().map(LogRecord::getMessage).toList();
    }

    List<LogRecord> records(String part) {
        return records.stream()
                .filter(record -> record.getMessage().contains(part))
                .toList();
    }

    List<String> warnings(String part) {
        return records(part).stream()
                .filter(record -> record.getLevel() == Level.WARNING)
                .map(LogRecord::getMessage)
                .toList();
    }

    void untilLogged(String part) {
        Polling.until("a log record with " + part, () -> !records(part).isEmpty());
    }

    @Override
    public void close() {
        logger.removeHandler(handler);
        logger.setUseParentHandlers(toParents);
    }
}
