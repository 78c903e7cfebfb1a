package dev.yibu.sql;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Locale;

/** What a server and its driver understand, where they differ. */
enum Dialect {
    /** PostgreSQL through pgjdbc. */
    POSTGRESQL,
    /** MariaDB or MySQL through MariaDB's driver. */
    MARIADB,
    /** MySQL or MariaDB through MySQL's driver. */
    MYSQL,
    /** Anything else that has a JDBC driver; standard SQL. */
    OTHER;

    static Dialect of(Connection connection) throws SQLException {
        String product = connection.getMetaData().getDatabaseProductName().toLowerCase(Locale.ROOT);
        if (product.contains("postgresql")) {
            return isPgjdbc(connection) ? POSTGRESQL : OTHER;
        }
        if (!product.contains("mariadb") && !product.contains("mysql")) {
            return OTHER;
        }
        String driver = connection.getMetaData().getDriverName().toLowerCase(Locale.ROOT);
        return driver.contains("mysql") ? MYSQL : MARIADB;
    }

    /** Whether the text of statements is MariaDB's and MySQL's. */
    boolean isOfMySql() {
        return this == MARIADB || this == MYSQL;
    }

    /** Whether a connection can do nothing else while rows are read bit by bit, and reads all the rest on a close. */
    boolean readsToTheEnd() {
        return isOfMySql();
    }

    /** What the driver is told to read rows bit by bit, a piece at a time if it can. */
    int fetchSize(int piece) {
        return this == MYSQL ? Integer.MIN_VALUE : piece;
    }

    private static boolean isPgjdbc(Connection connection) throws SQLException {
        try {
            return Pgjdbc.isBehind(connection);
        } catch (NoClassDefFoundError e) {
            return false; // the server is spoken to by some other driver
        }
    }
}
