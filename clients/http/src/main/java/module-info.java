/** An HTTP client for {@link dev.yibu} tasks. */
module dev.yibu.http {
    requires transitive dev.yibu;
    requires static transitive org.jspecify;
}
