package dev.yibu.sql;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Locale;

/** What a server and its driver understand, where they differ. */
enum Dialect {
    /** PostgreSQL through pgjdbc. */
    POSTGRESQL,
    /** MariaDB or MySQL. */
    MARIADB,
    /** Anything else that has a JDBC driver; standard SQL. */
    OTHER;

    static Dialect of(Connection connection) throws SQLException {
        String product = connection.getMetaData().getDatabaseProductName().toLowerCase(Locale.ROOT);
        if (product.contains("postgresql")) {
            return isPgjdbc(connection) ? POSTGRESQL : OTHER;
        }
        return product.contains("mariadb") || product.contains("mysql") ? MARIADB : OTHER;
    }

    private static boolean isPgjdbc(Connection connection) throws SQLException {
        try {
            return Pgjdbc.isBehind(connection);
        } catch (NoClassDefFoundError e) {
            return false; // the server is spoken to by some other driver
        }
    }
}
