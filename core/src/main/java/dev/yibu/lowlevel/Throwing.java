package dev.yibu.lowlevel;

import java.util.Objects;

/** Rethrows what was caught as {@code Throwable} under the type that the caller's signature declares. */
public final class Throwing {
    private Throwing() {}

    /**
     * Throws any throwable. The compiler takes it for an {@code X}; the caller vouches that it is one, or unchecked.
     *
     * @param thrown what to throw
     * @param <X> what the caller declares
     * @return never; declared so that callers can write {@code throw Throwing.any(t)}
     * @throws X always
     */
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    public static <X extends Throwable> X any(Throwable thrown) throws X {
        throw (X) Objects.requireNonNull(thrown, "thrown");
    }
}
