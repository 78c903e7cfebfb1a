/** Databases for {@link dev.yibu} tasks. */
@SuppressWarnings("requires-automatic") // the PostgreSQL driver has a name, but no descriptor
module dev.yibu.sql {
    requires com.fasterxml.jackson.databind;
    requires com.zaxxer.hikari;
    requires transitive dev.yibu;
    requires transitive java.sql;
    requires static transitive org.jspecify;
    requires static org.postgresql.jdbc;

    exports dev.yibu.sql;
}
