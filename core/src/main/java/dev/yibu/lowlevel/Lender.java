package dev.yibu.lowlevel;

import java.util.Optional;

/**
 * Something that gives out what has to come back, such as permits or tokens. It makes itself known to the driver of the
 * strand that creates it ({@link Driver#lends}), so that a test kit can ask at the end whether everything is back.
 *
 * <p>Any thread may ask at any time.
 */
public interface Lender {
    /**
     * What is missing.
     *
     * @return such as "semaphore "disk" lacks 2 of 4 permits", or nothing if everything is back
     */
    Optional<String> outstanding();
}
