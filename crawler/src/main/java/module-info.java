/** A bounded web crawler on {@link dev.yibu}: see {@link dev.yibu.crawler.Crawler}. */
module dev.yibu.crawler {
    requires transitive dev.yibu;
    requires static transitive org.jspecify;
    requires java.net.http;
    requires org.jsoup;

    exports dev.yibu.crawler;
}
