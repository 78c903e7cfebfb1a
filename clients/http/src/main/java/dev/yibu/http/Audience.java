package dev.yibu.http;

import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** A session's listeners. What they throw ends here; the first time it is logged. */
final class Audience {
    private final List<HttpListener> listeners;
    private final AtomicBoolean complained = new AtomicBoolean();

    Audience(List<HttpListener> listeners) {
        this.listeners = listeners;
    }

    boolean isEmpty() {
        return listeners.isEmpty();
    }

    void tell(HttpEvent event) {
        for (HttpListener listener : listeners) {
            try {
                listener.on(event);
            } catch (Throwable e) {
                if (complained.compareAndSet(false, true)) {
                    System.getLogger("dev.yibu.http")
                            .log(
                                    Level.WARNING,
                                    "a listener failed on " + event
                                            + "; further failures of this session's are not logged",
                                    e);
                }
            }
        }
    }
}
