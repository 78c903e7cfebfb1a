package dev.yibu.sql;

import dev.yibu.Async;
import dev.yibu.Cancelled;
import dev.yibu.Coroutine;
import dev.yibu.lowlevel.Throwing;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.Iterator;
import java.util.List;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyOperation;
import org.postgresql.copy.CopyOut;

/**
 * PostgreSQL's COPY. The connection is in a state of its own until the end, so the session keeps its turn, and a
 * cancellation in the middle costs the connection. The user's data is read and written outside of the calls to the
 * driver.
 */
final class Copying {
    private static final int BUFFER = 64 * 1024;

    private Copying() {}

    /** Runs what throws an IOException of the user's in a disguise. */
    static <T> T withIo(Coroutine<T, SQLException> body) throws SQLException, IOException {
        try {
            return body.run();
        } catch (Disguised e) {
            throw e.exception;
        }
    }

    private static final class Disguised extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final IOException exception;

        Disguised(IOException exception) {
            super(exception);
            this.exception = exception;
        }
    }

    private static void checkSupport(Session session) throws SQLException {
        if (session.dialect() != Dialect.POSTGRESQL) {
            throw new SQLFeatureNotSupportedException(
                    "only PostgreSQL has COPY; use executeMany to insert many rows", "0A000");
        }
    }

    static long in(Session session, String sql, InputStream data) throws SQLException {
        return in(session, sql, buffer -> {
            try {
                byte[] bytes = data.readNBytes(BUFFER);
                buffer.writeBytes(bytes);
                return bytes.length == BUFFER;
            } catch (IOException e) {
                throw new Disguised(e);
            }
        });
    }

    static long in(Session session, String table, List<String> columns, Iterable<? extends List<?>> rows)
            throws SQLException {
        Iterator<? extends List<?>> iterator = rows.iterator();
        StringBuilder text = new StringBuilder();
        String sql = "copy " + CopyText.quoted(table.split("\\."), ".") + " ("
                + CopyText.quoted(columns.toArray(String[]::new), ", ") + ") from stdin";
        return in(session, sql, buffer -> {
            text.setLength(0);
            while (text.length() < BUFFER && iterator.hasNext()) {
                CopyText.append(text, iterator.next(), columns.size());
            }
            buffer.writeBytes(text.toString().getBytes(StandardCharsets.UTF_8));
            return iterator.hasNext();
        });
    }

    /** Fills a buffer; returns whether there is more. */
    private interface Filler {
        boolean fill(ByteArrayOutputStream buffer) throws SQLException;
    }

    private static long in(Session session, String sql, Filler filler) throws SQLException {
        checkSupport(session);
        return session.exclusively(() -> {
            CopyIn copy =
                    session.copyStep(_ -> Pgjdbc.copying(session.connection()).copyIn(sql));
            try {
                ByteArrayOutputStream buffer = new ByteArrayOutputStream(BUFFER + BUFFER / 4);
                boolean more;
                do {
                    buffer.reset();
                    more = filler.fill(buffer);
                    byte[] bytes = buffer.toByteArray();
                    session.copyStepRun(_ -> {
                        copy.writeToCopy(bytes, 0, bytes.length);
                    });
                } while (more);
                return session.copyStep(_ -> copy.endCopy());
            } catch (Throwable thrown) {
                giveUp(session, copy, thrown);
                throw Throwing.<RuntimeException>any(thrown);
            }
        });
    }

    static long out(Session session, String sql, OutputStream out) throws SQLException {
        checkSupport(session);
        return session.exclusively(() -> {
            CopyOut copy =
                    session.copyStep(_ -> Pgjdbc.copying(session.connection()).copyOut(sql));
            try {
                ByteArrayOutputStream buffer = new ByteArrayOutputStream(BUFFER + BUFFER / 4);
                boolean more;
                do {
                    buffer.reset();
                    more = session.copyStep(_ -> read(copy, buffer));
                    buffer.writeTo(out);
                } while (more);
                return copy.getHandledRowCount();
            } catch (Throwable thrown) {
                session.breakDown(); // the rest of the data would have to be read
                throw Throwing.<RuntimeException>any(thrown instanceof IOException e ? new Disguised(e) : thrown);
            }
        });
    }

    private static boolean read(CopyOut copy, ByteArrayOutputStream buffer) throws SQLException {
        while (buffer.size() < BUFFER) {
            byte[] row = copy.readFromCopy();
            if (row == null) {
                return false;
            }
            buffer.writeBytes(row);
        }
        return true;
    }

    /**
     * Tells the server that there is no more to come, and that nothing of it is to stay. If that is so because the caller
     * is cancelled, the server is asked to stop first: it may be busy for long with rows that it has got.
     */
    private static void giveUp(Session session, CopyOperation copy, Throwable thrown) {
        if (session.isBroken() || !copy.isActive()) {
            return;
        }
        try {
            Async.shield(
                    session.pool().grace(),
                    () -> Operation.<Boolean>run(session, "give up a COPY", operation -> {
                        if (thrown instanceof Cancelled) {
                            operation.stopNow();
                        }
                        copy.cancelCopy();
                        return true;
                    }));
        } catch (SQLException | Cancelled e) {
            session.breakDown();
            thrown.addSuppressed(e);
        }
    }
}
