package dev.yibu.sql;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** Of all who have a permit. A place for each is made once: every call comes and goes here. Any thread. */
final class Leases {
    private final AtomicReferenceArray<@Nullable Lease> slots;

    /** Where one has become free; a hint. */
    private int freed;

    /** Whoever adds more than {@code most} spins until there is a place. */
    Leases(int most) {
        slots = new AtomicReferenceArray<>(most);
    }

    void add(Lease lease) {
        int slot = freed;
        while (slots.getPlain(slot) != null || !slots.compareAndSet(slot, null, lease)) {
            slot = slot + 1 == slots.length() ? 0 : slot + 1;
        }
        lease.slot = slot;
    }

    /** In one step: at no moment is neither of them here. */
    void replace(Lease lease, Lease by) {
        by.slot = lease.slot;
        slots.set(by.slot, by);
    }

    void remove(Lease lease) {
        slots.set(lease.slot, null);
        freed = lease.slot;
    }

    List<Lease> all() {
        List<Lease> all = new ArrayList<>();
        for (int i = 0; i < slots.length(); i++) {
            Lease lease = slots.get(i);
            if (lease != null) {
                all.add(lease);
            }
        }
        return all;
    }

    int size() {
        return all().size();
    }

    boolean isEmpty() {
        return size() == 0;
    }
}
