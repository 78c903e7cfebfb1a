package dev.yibu;

import org.jspecify.annotations.Nullable;

/** Values that are null only where their type variable allows it, which flow analysis can't see through a local. */
final class Parametric {
    private Parametric() {}

    @SuppressWarnings("NullAway") // the caller vouches that the variable has been assigned
    static <T extends @Nullable Object> T value(@Nullable T assigned) {
        return assigned;
    }
}
