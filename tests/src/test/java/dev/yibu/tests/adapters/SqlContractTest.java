package dev.yibu.tests.adapters;

import static org.assertj.core.api.Assertions.assertThat;

import dev.yibu.Outcome;
import dev.yibu.sql.Database;
import dev.yibu.tests.servers.ScriptedServer;
import dev.yibu.tests.servers.Until;
import java.io.IOException;
import java.sql.SQLException;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** A database keeps the contract. TLS is the driver's, and is a part of connecting. */
class SqlContractTest extends AdapterContract {
    private PostgresPeer peer;

    @Override
    Subject open() {
        if (peer == null) {
            peer = PostgresPeer.start();
        }
        return new SqlSubject(peer);
    }

    @AfterAll
    void stop_the_server() throws IOException, SQLException {
        if (peer != null) {
            peer.close();
        }
    }

    @Override
    Set<Phase> phases() {
        return EnumSet.complementOf(EnumSet.of(Phase.TLS_HANDSHAKE));
    }

    /** The driver closes what is forgotten. */
    @Override
    boolean isResident(String threadName) {
        return threadName.startsWith("PostgreSQL-JDBC-Cleaner");
    }

    @Override
    int residents() {
        return 1;
    }

    /** What is left would be found after the test. */
    @Test
    void a_cancel_ends_the_opening_of_a_database_that_says_nothing() {
        Hold hold = new Hold(Phase.CONNECTING);
        try (ScriptedServer silent = ScriptedServer.start(connection -> {
            connection.read();
            hold.pass();
        })) {
            Running opening = Running.start(
                    () -> Database.open(PostgresPeer.url(silent.port())).close());
            Until.isTrue("it connects", limit(), () -> hold.reached() == 1);

            opening.cancel();

            assertThat(opening.outcome(limit())).isInstanceOf(Outcome.Cancellation.class);
        }
    }
}
