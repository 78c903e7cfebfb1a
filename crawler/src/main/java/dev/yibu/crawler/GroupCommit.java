package dev.yibu.crawler;

import dev.yibu.AsyncFunction;
import dev.yibu.sync.Mutex;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * Lets one transaction serve many tasks: whoever's turn it is commits what all others have brought meanwhile.
 *
 * <p><b>Cancellation.</b> A task that is cancelled before its item is committed takes it back, unless it is just being
 * committed.
 */
final class GroupCommit<A, R> {
    private static final class Entry<A, R> {
        final A item;

        // Written by whoever commits, under the mutex.
        @Nullable
        R result;

        @Nullable
        StoreException failure;

        /** Who brought it waits no more. */
        volatile boolean abandoned;

        Entry(A item) {
            this.item = item;
        }

        boolean isDone() {
            return result != null || failure != null;
        }
    }

    private final int most;
    private final Mutex turn;
    private final AsyncFunction<List<A>, List<R>, StoreException> commit;
    private final Queue<Entry<A, R>> waiting = new ConcurrentLinkedQueue<>();

    /**
     * A group commit.
     *
     * @param turn held while something is committed
     * @param commit yields a result for each item
     */
    GroupCommit(int most, Mutex turn, AsyncFunction<List<A>, List<R>, StoreException> commit) {
        this.most = most;
        this.turn = turn;
        this.commit = commit;
    }

    R submit(A item) {
        Entry<A, R> entry = new Entry<>(item);
        waiting.add(entry);
        try (Mutex.Hold _ = turn.hold()) {
            while (!entry.isDone()) {
                commitSome();
            }
        } finally {
            entry.abandoned = true; // before it is removed: whoever has it just now looks after putting it back
            waiting.remove(entry);
        }
        if (entry.failure != null) {
            throw entry.failure;
        }
        return Objects.requireNonNull(entry.result);
    }

    private void commitSome() {
        List<Entry<A, R>> batch = new ArrayList<>();
        for (Entry<A, R> next; batch.size() < most && (next = waiting.poll()) != null; ) {
            batch.add(next);
        }
        boolean committed = false;
        try {
            List<R> results =
                    commit.apply(batch.stream().map(entry -> entry.item).toList());
            committed = true;
            for (int i = 0; i < batch.size(); i++) {
                batch.get(i).result = results.get(i);
            }
        } catch (StoreException e) {
            committed = true;
            batch.forEach(entry -> entry.failure = e);
        } finally {
            if (!committed) {
                waiting.addAll(batch); // this task was cancelled before it did anything; the next one will
                waiting.removeIf(entry -> entry.abandoned);
            }
        }
    }
}
