package dev.yibu.lowlevel;

import org.jspecify.annotations.Nullable;

/**
 * Something that a strand has and is to give back before it ends, such as a mutex or a token. The object is its own entry
 * in the strand's list, so that acquiring allocates nothing; it is in one list at a time.
 *
 * <p>Put into the list with {@link Strand#hold} once it has been acquired, taken out with {@link Strand#letGo} before it
 * is given back. What is still there when the strand's body is over is {@linkplain #abandoned abandoned}. Its {@code
 * toString} names it in reports of leaks.
 */
public abstract class Holding {
    // Owned by the strand that has it.
    @Nullable
    Strand holder;

    @Nullable
    Holding previous;

    @Nullable
    Holding next;

    /** For subclasses. */
    protected Holding() {}

    /**
     * The strand ends and has not given this back; it is in no list any more. Called on the strand's thread, before its
     * outcome is published. Must neither wait nor throw.
     *
     * @param holder the strand that ends
     */
    protected abstract void abandoned(Strand holder);
}
