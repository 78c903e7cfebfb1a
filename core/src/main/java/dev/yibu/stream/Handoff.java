package dev.yibu.stream;

import dev.yibu.CancelReason;
import dev.yibu.Cancelled;
import dev.yibu.lowlevel.Patience;
import dev.yibu.lowlevel.Ring;
import dev.yibu.lowlevel.SpinLock;
import dev.yibu.lowlevel.Strand;
import dev.yibu.lowlevel.Suspension;
import dev.yibu.lowlevel.Suspension.Abort;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/*
 * Items on their way from those who emit to the one who takes
 *
 * Emitters put into a ring, which has a lock at each end; the taker takes out of it. They are not in each other's way until
 * the ring is full, or empty. A wake-up costs fifty times as much as handing over an item, so there are to be few:
 *
 * The taker never waits while there are items: it registers with both locks, having seen that there are none, and whoever
 * emits the next one finds it and wakes it. While it wakes up, further items gather.
 *
 * An emitter without room waits with its item. When no more items are left than the low-water mark, the taker moves in what
 * fits, and then wakes those whose items they were. So emitters are served in their order, nobody can slip in between, and an
 * emitter that is cancelled first takes its item back. Waiting emitters imply that there are items to take: they come when
 * the ring is full, and the mark is below that. A mark just below keeps the ring as full as it goes, at the price of a
 * wake-up for each item, if the emitter is the quicker one; a lower one lets as many items be emitted for each wake-up.
 *
 * With a capacity of zero each emitter may leave its item at once, and then waits until the taker has found the ring
 * empty: until all have been asked for more.
 *
 * Who waits, and whether it is over, is written with both locks, so one of them is enough to see that there is nothing of
 * the kind. Nobody is resumed while a lock is held.
 */
final class Handoff<T extends @Nullable Object> implements Emitter<T> {
    /** What {@link #poll()} returns if there is no item now. */
    static final Object NOTHING = new Object();

    private static final Object NULL = new Object();

    private final SpinLock emitting = new SpinLock();
    private final SpinLock taking = new SpinLock();
    private final int capacity;
    private final int lowWater;
    private final Ring<Object> ring;
    private final Patience patience = new Patience();
    private final String label;
    private final String asked;
    private final String room;

    // Guarded by both locks.
    private final SequencedMap<Suspension<@Nullable Void>, Object> emitters = new LinkedHashMap<>();
    private @Nullable Suspension<@Nullable Void> taker;
    private @Nullable CancelReason closed;
    private boolean closing;
    private boolean ended;

    /** One that is kept as full as it goes: who waits for room is let in as soon as there is some. */
    Handoff(int capacity, String label) {
        this(capacity, Math.max(0, capacity - 1), label);
    }

    /**
     * @param capacity how many items there is room for; 0 = emitters wait until their item was not enough
     * @param lowWater how many items are left when those who wait for room are let in; less than the capacity
     */
    Handoff(int capacity, int lowWater, String label) {
        this.capacity = capacity;
        this.lowWater = lowWater;
        this.ring = new Ring<>(capacity == 0 ? Integer.MAX_VALUE : capacity);
        this.label = label;
        this.asked = "the consumer of " + label + " to ask for more";
        this.room = "room in the buffer of " + label;
    }

    String label() {
        return label;
    }

    private void lock() {
        emitting.lock();
        taking.lock();
    }

    private void unlock() {
        taking.unlock();
        emitting.unlock();
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
        if (!putQuickly(masked)) {
            emit(strand, masked);
        }
    }

    /** Puts an item into the ring; false if there is anything else to do or to see. */
    private boolean putQuickly(Object item) {
        emitting.lock();
        try {
            return capacity > 0
                    && taker == null
                    && emitters.isEmpty()
                    && closed == null
                    && !closing
                    && !ended
                    && ring.put(item);
        } finally {
            emitting.unlock();
        }
    }

    private void emit(Strand strand, Object item) {
        Suspension<@Nullable Void> waiting = null;
        Suspension<@Nullable Void> woken = null;
        boolean open;
        CancelReason reason;
        lock();
        try {
            reason = closed;
            open = reason == null && (closing || !ended);
            boolean enters = open && !closing && (capacity == 0 || emitters.isEmpty()) && ring.add(item);
            if (enters) {
                woken = taker;
                taker = null;
            }
            if (open && (!enters || capacity == 0)) {
                waiting = new Suspension<>(strand, enters ? asked : room);
                emitters.put(waiting, item);
            }
        } finally {
            unlock();
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
        patience.spin(emitter);
        emitter.await(() -> takeBack(emitter));
    }

    private Abort takeBack(Suspension<@Nullable Void> emitter) {
        lock();
        try {
            return emitters.remove(emitter) == null ? Abort.TOO_LATE : Abort.ABORTED;
        } finally {
            unlock();
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

    /** Adds an item; never waits, so there must be room. Returns false if it is closed or has ended. */
    boolean put(T item) {
        Suspension<@Nullable Void> woken;
        lock();
        try {
            if (closing || closed != null || ended) {
                return false;
            }
            if (!ring.add(item == null ? NULL : item)) {
                throw new IllegalStateException("more items were put into " + label + " than it has room for");
            }
            woken = taker;
            taker = null;
        } finally {
            unlock();
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
            unlock();
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
                if (ring.size() > 0 || ended || closed != null) {
                    continue;
                }
                if (taker != null) {
                    throw new IllegalStateException(
                            "two tasks ask for the next item of " + label + " at the same time: let one of them do it");
                }
                taker = waiting;
                if (capacity == 0) {
                    asked = new ArrayList<>(emitters.sequencedKeySet());
                    emitters.clear();
                }
            } finally {
                unlock();
            }
            resume(asked);
            patience.spin(waiting);
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
            unlock();
        }
    }

    /** An item that is there, {@link #NOTHING}, or {@link Source#END} after the last one. Never waits. */
    @Nullable
    Object poll() {
        Object item;
        boolean isEnough;
        taking.lock();
        try {
            item = ring.take();
            isEnough = item != null && (emitters.isEmpty() || ring.size() > lowWater);
        } finally {
            taking.unlock();
        }
        if (isEnough) {
            return item == NULL ? null : item;
        }
        List<Suspension<@Nullable Void>> entered;
        lock();
        try {
            if (item == null) {
                item = ring.take();
            }
            if (item == null) {
                return ended || closed != null ? Source.END : NOTHING;
            }
            entered = letIn();
        } finally {
            unlock();
        }
        resume(entered);
        return item == NULL ? null : item;
    }

    /** Moves in the items of those who wait for room, as far as there is room; the caller wakes them. */
    private List<Suspension<@Nullable Void>> letIn() {
        if (capacity == 0 || closing || emitters.isEmpty()) {
            return List.of();
        }
        List<Suspension<@Nullable Void>> entered = new ArrayList<>();
        Map.Entry<Suspension<@Nullable Void>, Object> first = emitters.firstEntry();
        while (first != null && ring.add(first.getValue())) {
            entered.add(first.getKey());
            emitters.pollFirstEntry();
            first = emitters.firstEntry();
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
            unlock();
        }
    }

    /** Discards what is there and lets nobody emit any more. Those who are cancelled leave by themselves. */
    void close(CancelReason reason) {
        List<Suspension<@Nullable Void>> outsiders = new ArrayList<>();
        Suspension<@Nullable Void> woken;
        lock();
        try {
            closed = reason;
            for (Object item = ring.take(); item != null; item = ring.take()) {}
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
            unlock();
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
