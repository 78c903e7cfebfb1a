package dev.yibu.sql;

import dev.yibu.AsyncFunction;
import dev.yibu.lowlevel.Driver;
import dev.yibu.lowlevel.ForeignCall;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/*
 * How a cancellation stops a statement
 *
 * The hook asks the server to stop. A request may come too early: the server has not got the statement yet, ignores the
 * request, and then works on the statement for an hour. Nobody can tell from here. So the hook asks again and again,
 * after growing pauses, until the call has ended or the grace is over; then the connection is cut.
 *
 * A request may also come too late, and then it must not hit the next statement, which may be somebody else's. Three
 * things see to that. The bracket does not end while the hook runs, so no request begins after the call. The drivers'
 * requests return only when the server has dealt with them: PostgreSQL closes the connection that carried the request
 * after it has sent the signal to its process, MariaDB answers the KILL. And if there was a request, the session probes
 * the connection (Session.settle) before anything else is done with it, because MariaDB keeps a KILL for an idle
 * connection until its next statement: the probe is that statement. If a request took so long that the driver may have
 * given up waiting for the server, the connection is not used again.
 *
 * A statement whose rows are not all read is closed before the probe. MariaDB's driver (4.0.0) sends the next statement
 * first and then reads what is left of the rows. If those end with an error, such as "interrupted", it throws that and
 * leaves the answer to the new statement for the one after it: from then on everybody gets the answer of somebody else.
 * For the same reason a session of MariaDB refuses other statements while a stream is open (Session.unread).
 */

/** One call of a driver, and what a cancellation does about it. */
final class Operation {
    private static final long FIRST_PAUSE_MILLIS = 20;
    private static final long LONGEST_PAUSE_MILLIS = 500;

    /** Far below the drivers' own limits for a request, after which they return as if all was well. */
    private static final long SLOW_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Session session;
    private final CountDownLatch ended = new CountDownLatch(1);

    /** What a cancellation stops, where the driver wants to be told which; set by the call. */
    private volatile @Nullable Statement statement;

    /** What the call reads rows from and leaves open; written by the call. */
    private @Nullable Statement reading;

    // Written by the hook and by the call, which may ask at the same time; never taken back.

    /** Whether the server was asked to stop. */
    private volatile boolean asked;

    /** Whether nobody knows if a request is still on its way. */
    private volatile boolean unsettled;

    private Operation(Session session) {
        this.session = session;
    }

    /** Runs {@code body} on the calling thread; a cancellation stops it, or cuts the connection after the grace. */
    static <T extends @Nullable Object> T run(
            Session session, String what, AsyncFunction<? super Operation, ? extends T, SQLException> body)
            throws SQLException {
        return run(session, what, false, body);
    }

    /** The same for a connection that is of no use if the call is stopped. */
    static <T extends @Nullable Object> T runOnce(
            Session session, String what, AsyncFunction<? super Operation, ? extends T, SQLException> body)
            throws SQLException {
        return run(session, what, true, body);
    }

    private static <T extends @Nullable Object> T run(
            Session session,
            String what,
            boolean once,
            AsyncFunction<? super Operation, ? extends T, SQLException> body)
            throws SQLException {
        Operation operation = new Operation(session);
        try {
            return ForeignCall.named(what)
                    .onCancel(operation::stop, Duration.ZERO)
                    .thenClose(operation::cut)
                    .<T, SQLException>call(() -> operation.run(body));
        } finally {
            if (operation.asked) {
                session.settle(once || operation.unsettled, operation.reading);
            }
        }
    }

    private <T extends @Nullable Object> T run(AsyncFunction<? super Operation, ? extends T, SQLException> body)
            throws SQLException {
        try {
            return body.apply(this);
        } catch (SQLException e) {
            session.failed(e, asked);
            throw e;
        } finally {
            ended.countDown();
        }
    }

    /** From here on a cancellation stops this statement. */
    <S extends Statement> S stoppable(S running) {
        statement = running;
        return running;
    }

    /** The same for one whose rows are read by several calls. */
    void stoppableReading(Statement running) {
        statement = running;
        reading = running;
    }

    /** Closes a statement whose rows are not all read: the server is asked not to send the rest. */
    void abandon(Statement unread) throws SQLException {
        reading = unread;
        ask(unread);
    }

    /** Asks the server, on the calling thread, to stop a statement that it has begun. */
    void stopNow() throws SQLException {
        ask(statement);
    }

    /** Asks the server to stop. Whoever asks, and why ever: a request without an answer in time costs the connection. */
    private void ask(@Nullable Statement which) throws SQLException {
        asked = true;
        boolean settled = false;
        long start = Driver.real().nanoTime();
        try {
            session.askToStop(which);
            settled = Driver.real().nanoTime() - start <= SLOW_NANOS;
        } finally {
            if (!settled) {
                unsettled = true;
            }
        }
    }

    private void stop() throws SQLException, InterruptedException {
        long waited = 0;
        long pause = FIRST_PAUSE_MILLIS;
        do {
            ask(statement);
            if (unsettled || ended.await(pause, TimeUnit.MILLISECONDS)) {
                return;
            }
            waited += pause;
            pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
        } while (waited < session.graceMillis());
    }

    private void cut() throws SQLException {
        if (ended.getCount() > 0) { // else the call is about to leave the bracket
            unsettled = true;
            session.cut();
        }
    }
}
