package dev.yibu.http;

/** Is told what becomes of a session's requests, for logs and metrics. */
@FunctionalInterface
public interface HttpListener {
    /**
     * Something has happened to a request. Called on the thread of its task, or on the one that closes the answer. Must
     * not wait; what it throws disturbs nobody, and is logged the first time.
     *
     * @param event what has happened
     */
    void on(HttpEvent event);
}
