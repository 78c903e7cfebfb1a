/** Files for {@link dev.yibu} tasks. */
module dev.yibu.io {
    requires transitive dev.yibu;
    requires static transitive org.jspecify;

    exports dev.yibu.io;
}
