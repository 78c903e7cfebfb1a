package dev.yibu.http;

import dev.yibu.lowlevel.Driver;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import okhttp3.Connection;
import org.jspecify.annotations.Nullable;

/** Tells listeners about one exchange; there is none where nobody listens. */
final class Trace {
    private final List<HttpListener> listeners;
    private final Driver driver;
    private final HttpEvent.Id id;
    private final long start;
    private int status;

    Trace(List<HttpListener> listeners, Driver driver, HttpEvent.Id id) {
        this.listeners = listeners;
        this.driver = driver;
        this.id = id;
        this.start = driver.nanoTime();
    }

    void queued() {
        tell(new HttpEvent.Queued(id, elapsed()));
    }

    void connected(boolean reused, Connection connection) {
        tell(new HttpEvent.Connected(
                id,
                elapsed(),
                reused,
                connection.protocol().toString(),
                connection.route().socketAddress().toString()));
    }

    void sent(long bodyBytes) {
        tell(new HttpEvent.Sent(id, elapsed(), bodyBytes));
    }

    void firstByte(int status) {
        this.status = status;
        tell(new HttpEvent.FirstByte(id, elapsed(), status));
    }

    void ended(@Nullable Throwable failure, long bodyBytes) {
        tell(
                failure == null
                        ? new HttpEvent.Done(id, elapsed(), status, bodyBytes)
                        : new HttpEvent.Failed(id, elapsed(), failure));
    }

    private Duration elapsed() {
        return Duration.ofNanos(driver.nanoTime() - start);
    }

    private void tell(HttpEvent event) {
        for (HttpListener listener : listeners) {
            try {
                listener.on(event);
            } catch (Throwable e) {
                System.getLogger("dev.yibu.http").log(Level.WARNING, "a listener failed on " + event, e);
            }
        }
    }
}
