package dev.yibu.lowlevel;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What Yibu logs while an action runs: a line for each record, with its exception. */
public final class LogLines {
    /** Something to watch. */
    public interface Action {
        void run() throws Exception;
    }

    private LogLines() {}

    public static List<String> of(Action action) {
        List<String> lines = new CopyOnWriteArrayList<>();
        Logger logger = Logger.getLogger("dev.yibu");
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord record) {
                lines.add(record.getLevel() + " " + record.getMessage()
                        + (record.getThrown() == null ? "" : " " + record.getThrown()));
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        logger.addHandler(handler);
        boolean toParents = logger.getUseParentHandlers();
        logger.setUseParentHandlers(false);
        try {
            action.run();
        } catch (Exception e) {
            throw new AssertionError(e);
        } finally {
            logger.setUseParentHandlers(toParents);
            logger.removeHandler(handler);
        }
        return lines;
    }
}
