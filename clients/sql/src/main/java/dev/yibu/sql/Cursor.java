package dev.yibu.sql;

import dev.yibu.Async;
import dev.yibu.Cancelled;
import dev.yibu.stream.Emitter;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads a large result in pieces, so that one piece is in memory. Needs a transaction: else PostgreSQL sends all rows. */
final class Cursor {
    /** How many rows a piece has. */
    static final int PIECE = 500;

    private Cursor() {}

    static <T> void read(
            Session session, Class<T> type, String sql, @Nullable Object[] parameters, Emitter<? super T> out)
            throws SQLException {
        SqlText text = SqlText.of(sql, session.dialect());
        @Nullable Object[] values = text.values(parameters);
        PreparedStatement statement = session.control("prepare a query", _ -> Binder.prepare(session, text, values));
        boolean exhausted = false;
        try {
            statement.setFetchSize(session.dialect().fetchSize(PIECE));
            ResultSet result = session.reading(statement, "a query", _ -> statement.executeQuery());
            Mapping<T> mapping =
                    session.reading(statement, "a query", _ -> Mapping.of(type, result, session.dialect()));
            int transaction = session.ended();
            while (!exhausted) {
                if (session.ended() != transaction) {
                    throw new IllegalStateException("the transaction of a stream has ended before its rows were read");
                }
                List<T> piece = session.reading(statement, "the next rows of a query", _ -> piece(result, mapping));
                exhausted = piece.size() < PIECE;
                for (T row : piece) {
                    out.emit(row);
                }
            }
        } finally {
            close(session, statement, exhausted);
        }
    }

    private static <T> List<T> piece(ResultSet result, Mapping<T> mapping) throws SQLException {
        List<T> piece = new ArrayList<>(PIECE);
        while (piece.size() < PIECE && result.next()) {
            piece.add(mapping.map(result));
        }
        return piece;
    }

    private static void close(Session session, PreparedStatement statement, boolean exhausted) {
        if (session.isBroken()) {
            return;
        }
        try {
            Async.shield(session.pool().grace(), () -> session.endReading(statement, exhausted));
        } catch (SQLException | Cancelled | IllegalStateException e) { // a session that was closed meanwhile
            session.breakDown();
        }
    }
}
