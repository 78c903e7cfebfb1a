package dev.yibu;

import java.util.Objects;

/**
 * How a {@link TaskGroup} is to behave.
 *
 * @param name appears in listings and reports; empty for none
 * @param isSupervised whether the siblings of a task that fails go on
 */
public record GroupOptions(String name, boolean isSupervised) {
    /** No name, fail-fast. */
    public static final GroupOptions DEFAULT = new GroupOptions("", false);

    /**
     * Checks its arguments.
     *
     * @throws NullPointerException if {@code name} is null
     */
    public GroupOptions {
        Objects.requireNonNull(name, "name");
    }

    /**
     * Options of a supervised group: the siblings of a failed task go on, and the group throws at its end the first
     * failure that nobody has read.
     *
     * @return the options
     */
    public static GroupOptions supervised() {
        return new GroupOptions("", true);
    }

    /**
     * Options of a group with a name.
     *
     * @param name appears in listings and reports
     * @return the options
     */
    public static GroupOptions named(String name) {
        return DEFAULT.withName(name);
    }

    /**
     * These options with another name.
     *
     * @param name appears in listings and reports
     * @return the options
     */
    public GroupOptions withName(String name) {
        return new GroupOptions(name, isSupervised);
    }
}
