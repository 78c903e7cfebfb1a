package dev.yibu.tests.adapters;

import java.io.IOException;
import java.util.OptionalInt;

/** An adapter that is open, with a small pool, beside the peers that it talks to. */
public interface Subject extends AutoCloseable {

    /** An operation that can't get any further than to a certain phase. May be run by several tasks at a time. */
    interface Stage extends AutoCloseable {
        /** On the calling task; checks its own answer, if it gets one. */
        void operate() throws Exception;

        /** How many operations have got to the phase, as the peer or the kernel sees it. */
        int reached() throws Exception;

        /** How many of these operations the peer has seen come to their end; nothing, if it can't see that. */
        default OptionalInt gone() throws Exception {
            return OptionalInt.empty();
        }

        /** Lets all operations of this stage go on to their end, those to come too. */
        void release();

        /** Ends the peers of this stage, if they are not those of the whole subject. */
        @Override
        void close() throws IOException;
    }

    /**
     * The pool of an adapter.
     *
     * @param size how many operations it admits at a time
     * @param free how many more it would admit now
     * @param waiting how many operations wait to be admitted
     */
    record Pool(int size, int free, int waiting) {
        public boolean isWhole() {
            return free == size && waiting == 0;
        }
    }

    /** A new stage for any phase but waiting for the pool. The peer is the same as for {@link #operate} where it can be. */
    Stage stage(Phase phase) throws Exception;

    /** A whole operation with a peer that behaves; checks its answer. */
    void operate() throws Exception;

    /** The adapter's own statistics. */
    Pool pool();

    /** How many connections the adapter says that it has open, in use or not. */
    int connections();

    /** Whether a connection that an abort has closed after the last byte may be counted until somebody wants to use it. */
    default boolean countsTheDead() {
        return false;
    }

    /** Whether operations that find no connection wait in this phase for the one that the first of them makes. */
    default boolean goesAloneThrough(Phase phase) {
        return false;
    }

    /** How many sockets to its peers the process has in truth. */
    long sockets();

    @Override
    void close() throws IOException;
}
