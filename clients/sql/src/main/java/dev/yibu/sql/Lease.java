package dev.yibu.sql;

import dev.yibu.CancelReason;
import dev.yibu.CancelReason.Kind;
import dev.yibu.Cancelled;
import dev.yibu.Coroutine;
import dev.yibu.lowlevel.CancelScope;
import dev.yibu.lowlevel.Strand;
import dev.yibu.lowlevel.Throwing;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A place in the pool, from when a call has its turn until its connection is back. As a scope it is around the wait for the
 * connection: a pool that closes ends that wait without cancelling the caller.
 */
final class Lease extends CancelScope {
    /** Once there is a connection; written by the owner. */
    private volatile @Nullable Session session;

    /** Its place among {@link Leases}; written by who adds it. */
    int slot;

    /** Of the calling strand, which goes on inside its current scope. */
    Lease(Strand strand) {
        super(strand);
    }

    /** Waits for the connection. Returns null if the pool has ended the wait. */
    @Nullable
    Connection await(Coroutine<Connection, SQLException> connect) throws SQLException {
        enter();
        Connection connection = null;
        Throwable thrown = null;
        try {
            connection = connect.run();
        } catch (Throwable t) {
            thrown = t;
        }
        thrown = leave(thrown);
        CancelScope around = Objects.requireNonNull(parent());
        boolean endedHere = thrown instanceof Cancelled && !around.isCancelled();
        if (thrown != null && !endedHere) {
            throw Throwing.<SQLException>any(thrown);
        }
        return connection;
    }

    void session(Session session) {
        this.session = session;
    }

    /** Ends the wait, or what the session is busy with, and cuts its connection. Any thread. */
    void end() {
        Session lent = session;
        if (lent == null) {
            endWait();
        } else {
            lent.end();
        }
    }

    /** Ends the wait, if there is one. Any thread. */
    void endWait() {
        if (session == null) {
            cancel(new CancelReason(Kind.REQUESTED, "the database is closed"));
        }
    }
}
