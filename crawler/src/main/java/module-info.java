/** A polite, bounded web crawler on {@link dev.yibu}: see {@link dev.yibu.crawler.Crawler}. */
@SuppressWarnings("requires-automatic") // crawler-commons has no name of its own as a module
module dev.yibu.crawler {
    requires transitive dev.yibu;
    requires static transitive org.jspecify;
    requires crawler.commons;
    requires dev.yibu.http;
    requires dev.yibu.sql;
    requires java.sql;
    requires org.jsoup;
    requires org.xerial.sqlitejdbc;

    exports dev.yibu.crawler;
}
