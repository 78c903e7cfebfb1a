package dev.yibu;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A void action seen as a coroutine that yields nothing. */
final class Actions {
    private Actions() {}

    static <X extends Throwable> Coroutine<@Nullable Void, X> asCoroutine(Action<? extends X> action) {
        Objects.requireNonNull(action, "action");
        return () -> {
            action.run();
            return null;
        };
    }
}
