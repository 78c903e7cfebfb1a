package dev.yibu.testkit;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Decides who goes next in a simulated world. One object serves one run, and is called by one thread at a time. */
interface Schedule {
    /**
     * Chooses among those that could go on.
     *
     * @param candidates at least two; {@code current}, if there is one, comes last
     * @param current whoever has the turn and could keep it, or null if it can't or wants to give it away
     * @return an index
     */
    int choose(List<Actor> candidates, @Nullable Actor current);

    /** Whether somebody who could go on ever loses the turn. */
    default boolean preempts() {
        return true;
    }

    /** An actor has come into being. */
    default void created(Actor actor) {}
}
