package dev.yibu.stream;

import dev.yibu.CancelReason;
import dev.yibu.Cancelled;
import dev.yibu.lowlevel.Strand;
import dev.yibu.lowlevel.Suspension;
import dev.yibu.lowlevel.Suspension.Abort;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/*
 * Items on their way from those who emit to the one who takes
 *
 * A wake-up costs fifty times as much as handing over an item, and a contended lock not much less. So the taker takes all
 * that is there at once, by swapping two queues under the lock, and then goes on without the lock until its own queue is
 * empty. Emitters lock for each item, but mostly nobody else wants the lock.
 *
 * The taker never waits while there are items: it registers under the lock, having seen that there are none, and whoever
 * emits the next one finds it and wakes it. While it wakes up, further items gather.
 *
 * The capacity counts the items in both queues. The taker tells of its progress only at the half and at the end of its
 * queue, so what emitters see of it ("taken") may be too large for a while, never too small. An emitter without room waits
 * with its item; whoever makes room moves the item in, and only then wakes the emitter. So emitters are served in their
 * order, nobody can slip in between, and an emitter that is cancelled first takes its item back. Waiting emitters imply
 * that there are items to take.
 *
 * With a capacity of zero each emitter may leave its item at once, and then waits until the taker has found the queue
 * empty: until all have been asked for more.
 *
 * Nobody is resumed while the lock is held.
 */
final class Handoff<T extends @Nullable Object> implements Emitter<T> {
    /** What {@link #poll()} returns if there is no item now. */
    static final Object NOTHING = new Object();

    private static final Object NULL = new Object();
    private static final int SPINS = 64;

    private final ReentrantLock lock = new ReentrantLock();
    private final int capacity;
    private final String label;
    private final String asked;
    private final String room;

    // Guarded by the lock.
    private ArrayDeque<Object> incoming = new ArrayDeque<>();
    private int taken;
    private final SequencedMap<Suspension<@Nullable Void>, Object> emitters = new LinkedHashMap<>();
    private @Nullable Suspension<@Nullable Void> taker;
    private @Nullable CancelReason closed;
    private boolean closing;
    private boolean ended;

    // Owned by the taker.
    private ArrayDeque<Object> outgoing = new ArrayDeque<>();
    private int tellAt = -1;

    Handoff(int capacity, String label) {
        this.capacity = capacity;
        this.label = label;
        this.asked = "the consumer of " + label + " to ask for more";
        this.room = "room in the buffer of " + label;
    }

    /** Taken by emitters for a few writes, so it is free again sooner than a thread could be parked and woken. */
    private void lock() {
        for (int i = 0; i < SPINS; i++) {
            if (lock.tryLock()) {
                return;
            }
            Thread.onSpinWait();
        }
        lock.lock();
    }

    // ---------------------------------------------------------------- emitters

    @Override
    public void emit(T item) {
        Strand strand = Strand.current();
        if (strand == null) {
            Strand.<@Nullable Void, RuntimeException>attached(() -> {
                emit(item);
                return null;
            });
            return;
        }
        strand.checkpoint();
        Object masked = item == null ? NULL : item;
        Suspension<@Nullable Void> waiting = null;
        Suspension<@Nullable Void> woken = null;
        boolean open;
        CancelReason reason;
        lock();
        try {
            reason = closed;
            open = reason == null && (closing || !ended);
            boolean enters = open && !closing && (capacity == 0 || incoming.size() + taken < capacity);
            if (enters) {
                incoming.add(masked);
                woken = taker;
                taker = null;
            }
            if (open && (!enters || capacity == 0)) {
                waiting = new Suspension<>(strand, enters ? asked : room);
                emitters.put(waiting, masked);
            }
        } finally {
            lock.unlock();
        }
        if (!open) {
            throw tooLate(strand, reason);
        }
        if (woken != null) {
            woken.resume(null);
        }
        if (waiting != null) {
            await(waiting);
        }
    }

    private void await(Suspension<@Nullable Void> emitter) {
        emitter.await(() -> takeBack(emitter));
    }

    private Abort takeBack(Suspension<@Nullable Void> emitter) {
        lock();
        try {
            return emitters.remove(emitter) == null ? Abort.TOO_LATE : Abort.ABORTED;
        } finally {
            lock.unlock();
        }
    }

    private Error tooLate(Strand strand, @Nullable CancelReason reason) {
        if (strand.scope().isCancelled()) {
            return strand.unwind(null);
        }
        if (reason == null) {
            throw new IllegalStateException(label + " has ended; nothing can be emitted any more");
        }
        return new Cancelled(reason, null);
    }

    /** Adds an item although there may be no room; never waits. Returns false if it is closed or has ended. */
    boolean put(T item) {
        Suspension<@Nullable Void> woken;
        lock();
        try {
            if (closing || closed != null || ended) {
                return false;
            }
            incoming.add(item == null ? NULL : item);
            woken = taker;
            taker = null;
        } finally {
            lock.unlock();
        }
        if (woken != null) {
            woken.resume(null);
        }
        return true;
    }

    /** There will be no more items, after those that are there. */
    void end() {
        Suspension<@Nullable Void> woken;
        lock();
        try {
            ended = true;
            woken = taker;
            taker = null;
        } finally {
            lock.unlock();
        }
        if (woken != null) {
            woken.resume(null);
        }
    }

    // ---------------------------------------------------------------- the taker

    /** Waits for an item; {@link Source#END} after the last one. A cancelled wait takes nothing. */
    @Nullable
    Object take(Strand strand) {
        strand.checkpoint();
        for (; ; ) {
            Object item = poll();
            if (item != NOTHING) {
                return item;
            }
            Suspension<@Nullable Void> waiting = new Suspension<>(strand, this);
            List<Suspension<@Nullable Void>> asked = List.of();
            lock();
            try {
                if (!incoming.isEmpty() || ended || closed != null) {
                    continue;
                }
                if (taker != null) {
                    throw new IllegalStateException(
                            "two tasks ask for the next item of " + label + " at the same time: let one of them do it");
                }
                taker = waiting;
                if (!emitters.isEmpty()) { // without a buffer
                    asked = new ArrayList<>(emitters.sequencedKeySet());
                    emitters.clear();
                }
            } finally {
                lock.unlock();
            }
            resume(asked);
            waiting.await(() -> {
                forget(waiting);
                return Abort.ABORTED;
            });
        }
    }

    private void forget(Suspension<@Nullable Void> waiting) {
        lock();
        try {
            if (taker == waiting) {
                taker = null;
            }
        } finally {
            lock.unlock();
        }
    }

    /** An item that is there, {@link #NOTHING}, or {@link Source#END} after the last one. Never waits. */
    @Nullable
    Object poll() {
        Object item = outgoing.poll();
        if (item == null) {
            List<Suspension<@Nullable Void>> entered;
            lock();
            try {
                if (incoming.isEmpty()) {
                    taken = 0;
                    return ended || closed != null ? Source.END : NOTHING;
                }
                ArrayDeque<Object> full = incoming;
                incoming = outgoing;
                outgoing = full;
                taken = full.size() - 1;
                tellAt = taken / 2;
                entered = letIn();
            } finally {
                lock.unlock();
            }
            resume(entered);
            item = outgoing.poll();
        } else if (outgoing.size() == tellAt) {
            List<Suspension<@Nullable Void>> entered;
            lock();
            try {
                taken = tellAt;
                entered = letIn();
            } finally {
                lock.unlock();
            }
            resume(entered);
        }
        return item == NULL ? null : item;
    }

    /** Moves in the items of those who wait for room, as far as there is room; the caller wakes them. */
    private List<Suspension<@Nullable Void>> letIn() {
        if (capacity == 0 || emitters.isEmpty()) {
            return List.of();
        }
        List<Suspension<@Nullable Void>> entered = new ArrayList<>();
        while (incoming.size() + taken < capacity) {
            Map.Entry<Suspension<@Nullable Void>, Object> first = emitters.pollFirstEntry();
            if (first == null) {
                break;
            }
            incoming.add(first.getValue());
            entered.add(first.getKey());
        }
        return entered;
    }

    private static void resume(List<Suspension<@Nullable Void>> emitters) {
        for (Suspension<@Nullable Void> emitter : emitters) {
            emitter.resume(null);
        }
    }

    // ---------------------------------------------------------------- the end

    /**
     * Who emits from now on waits for {@link #close}, as if there were no room: the emitters are about to be cancelled, and
     * to be told so before that would be a cancellation out of nowhere. That the producer ends meanwhile, because it has been
     * cancelled, makes no difference.
     */
    void letNobodyIn() {
        lock();
        try {
            closing = true;
        } finally {
            lock.unlock();
        }
    }

    /** Discards what is there and lets nobody emit any more. Those who are cancelled leave by themselves. */
    void close(CancelReason reason) {
        List<Suspension<@Nullable Void>> outsiders = new ArrayList<>();
        Suspension<@Nullable Void> woken;
        lock();
        try {
            closed = reason;
            incoming.clear();
            woken = taker;
            taker = null;
            emitters.sequencedKeySet().removeIf(emitter -> {
                boolean outside = !emitter.strand().scope().isCancelled();
                if (outside) {
                    outsiders.add(emitter);
                }
                return outside;
            });
        } finally {
            lock.unlock();
        }
        if (woken != null) {
            woken.resume(null);
        }
        for (Suspension<@Nullable Void> outsider : outsiders) {
            outsider.fail(new Cancelled(reason, null));
        }
    }

    @Override
    public String toString() {
        return "the next item of " + label;
    }
}
