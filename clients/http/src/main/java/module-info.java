/** An HTTP client for {@link dev.yibu} tasks: see {@link dev.yibu.http.HttpSession}. */
module dev.yibu.http {
    requires transitive dev.yibu;
    requires static transitive org.jspecify;
    requires static transitive com.fasterxml.jackson.databind;
    requires okhttp3;

    exports dev.yibu.http;
}
