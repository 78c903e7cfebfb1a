package dev.yibu.http;

/** Which versions of the protocol a session speaks. */
public enum HttpVersion {
    /** HTTP/2 where the server offers it during the TLS handshake, else HTTP/1.1. */
    BEST,
    /** HTTP/1.1 only. */
    HTTP_1_1,
    /** HTTP/2 without TLS and without asking first, for servers known to speak it. Such a session has no https. */
    HTTP_2_CLEARTEXT
}
