package dev.yibu.http;

import dev.yibu.lowlevel.Driver;
import java.time.Duration;
import okhttp3.Connection;
import org.jspecify.annotations.Nullable;

/** Tells listeners about one exchange; there is none where nobody listens. */
final class Trace {
    private final Audience audience;
    private final Driver driver;
    private final HttpEvent.Id id;
    private final long start;
    private int status;

    Trace(Audience audience, Driver driver, HttpEvent.Id id) {
        this.audience = audience;
        this.driver = driver;
        this.id = id;
        this.start = driver.nanoTime();
    }

    void queued() {
        audience.tell(new HttpEvent.Queued(id, elapsed()));
    }

    void connected(boolean reused, Connection connection) {
        audience.tell(new HttpEvent.Connected(
                id,
                elapsed(),
                reused,
                connection.protocol().toString(),
                connection.route().socketAddress().toString()));
    }

    void sent(long bodyBytes) {
        audience.tell(new HttpEvent.Sent(id, elapsed(), bodyBytes));
    }

    void firstByte(int status) {
        this.status = status;
        audience.tell(new HttpEvent.FirstByte(id, elapsed(), status));
    }

    void ended(@Nullable Throwable failure, long bodyBytes) {
        audience.tell(
                failure == null
                        ? new HttpEvent.Done(id, elapsed(), status, bodyBytes)
                        : new HttpEvent.Failed(id, elapsed(), failure));
    }

    private Duration elapsed() {
        return Duration.ofNanos(driver.nanoTime() - start);
    }
}
