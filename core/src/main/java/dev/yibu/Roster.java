package dev.yibu;

import dev.yibu.lowlevel.Strand;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A group in which tasks come and go: anybody may start one, and one that has ended is forgotten at once. */
abstract class Roster extends GroupScope {
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable TaskStrand<?> first;
    private @Nullable TaskStrand<?> last;

    Roster(Strand strand) {
        super(strand);
    }

    @Override
    void link(TaskStrand<?> child) {
        lock.lock();
        try {
            TaskStrand<?> before = last;
            child.previous = before;
            last = child;
            child.id(); // numbered in the order of their start
            if (before == null) {
                first = child;
            } else {
                before.next = child;
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    void unlink(TaskStrand<?> child) {
        lock.lock();
        try {
            TaskStrand<?> before = child.previous;
            TaskStrand<?> after = child.next;
            if (before == null) {
                first = after;
            } else {
                before.next = after;
            }
            if (after == null) {
                last = before;
            } else {
                after.previous = before;
            }
            child.previous = null;
            child.next = null;
        } finally {
            lock.unlock();
        }
    }

    /** The tasks that have not ended, in the order of their start. */
    final List<TaskStrand<?>> children() {
        List<TaskStrand<?>> children = new ArrayList<>();
        lock.lock();
        try {
            for (TaskStrand<?> child = first; child != null; child = child.next) {
                if (!child.isFinished()) {
                    children.add(child);
                }
            }
        } finally {
            lock.unlock();
        }
        return children;
    }

    @Override
    public void visitChildren(Consumer<? super Strand> visitor) {
        children().forEach(visitor);
    }
}
