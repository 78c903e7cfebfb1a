package dev.yibu.testkit;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A resource that must be closed exactly once: stands in for a connection, a file, a permit. If one is still open at the
 * end of a simulated run, the run fails.
 *
 * {@snippet file="dev/yibu/testkit/Snippets.java" region=tracked}
 *
 * <p><b>Thread-safety.</b> Any thread may close it.
 */
public final class Tracked implements AutoCloseable {
    private final String name;
    private final @Nullable World world;
    private final AtomicBoolean open = new AtomicBoolean(true);

    private Tracked(String name, @Nullable World world) {
        this.name = name;
        this.world = world;
    }

    /**
     * Opens a resource.
     *
     * @param name what it stands for; in reports
     * @return the resource
     */
    public static Tracked open(String name) {
        World world = World.current();
        Tracked tracked = new Tracked(Objects.requireNonNull(name, "name"), world);
        if (world != null) {
            world.opened(tracked);
        }
        return tracked;
    }

    /**
     * Whether it is open.
     *
     * @return whether it has not been closed yet
     */
    public boolean isOpen() {
        return open.get();
    }

    /**
     * Closes it.
     *
     * @throws IllegalStateException if it was closed before
     */
    @Override
    public void close() {
        if (!open.compareAndSet(true, false)) {
            throw new IllegalStateException(name + " is closed a second time");
        }
        if (world != null) {
            world.closed(this);
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
