/** Databases for {@link dev.yibu} tasks. */
module dev.yibu.sql {
    requires transitive dev.yibu;
    requires static transitive org.jspecify;
}
