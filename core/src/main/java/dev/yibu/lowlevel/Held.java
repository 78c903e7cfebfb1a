package dev.yibu.lowlevel;

import java.util.Collection;

/**
 * Something that a strand can wait for until others let go of it, such as a mutex. A {@link Suspension} whose {@link
 * Suspension#on()} is one tells who keeps the strand waiting, so that a report of a deadlock can say "task a waits for
 * mutex x, held by task b".
 *
 * <p>Any thread may ask at any time.
 */
public interface Held {
    /**
     * The strands that have it. What a thread from outside has is not in it: such a thread is a strand only for as long
     * as it is inside a call.
     *
     * @return a snapshot; empty if nobody has it, or no strand
     */
    Collection<Strand> holders();
}
