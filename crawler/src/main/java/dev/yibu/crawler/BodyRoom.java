package dev.yibu.crawler;

import dev.yibu.Async;
import dev.yibu.Deadline;
import dev.yibu.sync.Mutex;
import dev.yibu.sync.Semaphore;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Optional;

/**
 * Room in memory for all bodies that are being read or wait to be parsed. A small part of each has room without asking,
 * which is all that most need; for the whole of a longer one there has to be room among all that are longer, and who asks
 * first gets it first. Since it is taken as a whole before more is read, nobody waits for somebody who waits.
 */
final class BodyRoom {
    /** Of the heap: bodies are an eighth of it that is shared, and as much again in small parts. */
    private static final int PARTS_OF_HEAP = 8;

    private static final int BLOCK = 64 * 1024;
    private static final int SHORTEST_BEGINNING = 4 * 1024;

    private final int longest;
    private final int beginning;
    private final int number;
    private final Semaphore blocks;
    private final Mutex turn = Mutex.create("the turn of the next long body");

    /**
     * A room.
     *
     * @param bytes how much all long bodies may take; at least one of them has room in any case
     * @param longest how long a body may be
     * @param beginning how much of a body has room without asking
     */
    BodyRoom(long bytes, int longest, int beginning) {
        this.longest = longest;
        this.beginning = beginning;
        this.number = Math.clamp(bytes / BLOCK, blocksFor(longest), Integer.MAX_VALUE);
        this.blocks = Semaphore.bounded(number, "the room for long bodies");
    }

    /** The room for a crawl, by the size of the heap. */
    static BodyRoom of(CrawlOptions options) {
        long part = Runtime.getRuntime().maxMemory() / PARTS_OF_HEAP;
        // As many as are being read may wait to be parsed.
        int beginning = Math.clamp(part / (2L * options.concurrency()), SHORTEST_BEGINNING, BLOCK);
        return new BodyRoom(part, options.maxBytes(), beginning);
    }

    private static int blocksFor(long bytes) {
        return (int) ((bytes + BLOCK - 1) / BLOCK);
    }

    /** A body, and the room that it takes until it is closed. For the task that has read it. */
    final class Body implements AutoCloseable {
        private byte[] bytes = {};
        private int taken;

        private Body() {}

        byte[] bytes() {
            return bytes;
        }

        private void keep(int blocksKept) {
            for (; taken > blocksKept; taken--) {
                blocks.release();
            }
        }

        @Override
        public void close() {
            keep(0);
        }
    }

    /**
     * Reads a body.
     *
     * @param announced how long it says it is; negative if it doesn't
     * @param deadline stands still while there is no room
     * @return the body; empty if it is too long
     */
    Optional<Body> read(InputStream in, long announced, Deadline deadline) throws IOException {
        if (announced > longest) {
            return Optional.empty();
        }
        byte[] first = in.readNBytes((int) Math.min(beginning, longest + 1L));
        if (first.length > longest) {
            return Optional.empty();
        }
        Body body = new Body();
        body.bytes = first;
        return first.length < beginning ? Optional.of(body) : longer(body, in, announced, deadline);
    }

    /** Reads no more than the beginning of a body, which is short. */
    Body readBeginning(InputStream in, int most) throws IOException {
        Body body = new Body();
        body.bytes = in.readNBytes(most);
        return body;
    }

    private Optional<Body> longer(Body body, InputStream in, long announced, Deadline deadline) throws IOException {
        byte[] first = body.bytes;
        boolean whole = false;
        try {
            take(body, blocksFor(announced < first.length ? longest : announced), deadline);
            byte[] rest = in.readNBytes((int) Math.min(Integer.MAX_VALUE, longest + 1L - first.length));
            long length = (long) first.length + rest.length;
            whole = length <= longest;
            if (!whole) {
                return Optional.empty();
            }
            body.bytes = Arrays.copyOf(first, (int) length);
            System.arraycopy(rest, 0, body.bytes, first.length, rest.length);
            body.keep(blocksFor(length));
            return Optional.of(body);
        } finally {
            if (!whole) {
                body.close();
            }
        }
    }

    private void take(Body body, int wanted, Deadline deadline) {
        if (!tryTake(body, wanted)) {
            Duration left = deadline.remaining();
            move(deadline, ChronoUnit.FOREVER.getDuration());
            try (Mutex.Hold _ = turn.hold()) {
                for (; body.taken < wanted; body.taken++) {
                    blocks.acquire();
                }
            }
            move(deadline, left);
        }
    }

    private boolean tryTake(Body body, int wanted) {
        if (!turn.tryAcquire()) {
            return false;
        }
        try {
            while (body.taken < wanted && blocks.tryAcquire()) {
                body.taken++;
            }
        } finally {
            turn.release();
        }
        boolean all = body.taken == wanted;
        if (!all) {
            body.keep(0);
        }
        return all;
    }

    private static void move(Deadline deadline, Duration fromNow) {
        try {
            deadline.reschedule(fromNow);
        } catch (IllegalStateException e) {
            Async.checkpoint(); // it has expired, and this tells so
            throw e;
        }
    }

    /** How much room is left, in bytes. */
    long free() {
        return (long) blocks.statistics().available() * BLOCK;
    }

    @Override
    public String toString() {
        return free() + " of " + (long) number * BLOCK + " bytes free";
    }
}
