package dev.yibu;

import dev.yibu.lowlevel.CancelScope;
import dev.yibu.lowlevel.Driver;
import dev.yibu.lowlevel.Strand;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a task was doing at the moment of a listing.
 *
 * @param id the task's number
 * @param name its name
 * @param parent the number of the task that owns it, if there is one
 * @param state what it was doing
 * @param waitingFor what it waited for, or the foreign call it was in
 * @param cancelled whether it was to unwind
 * @param creationSite where it was started, in debug mode
 * @param thread its thread, if it has begun
 */
public record TaskInfo(
        long id,
        String name,
        OptionalLong parent,
        State state,
        Optional<String> waitingFor,
        boolean cancelled,
        Optional<String> creationSite,
        Optional<Thread> thread) {

    /**
     * Checks its arguments.
     *
     * @throws NullPointerException if an argument is null
     */
    public TaskInfo {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(parent, "parent");
        Objects.requireNonNull(state, "state");
        Objects.requireNonNull(waitingFor, "waitingFor");
        Objects.requireNonNull(creationSite, "creationSite");
        Objects.requireNonNull(thread, "thread");
    }

    /** What a task may be doing. */
    public enum State {
        /** Its thread has not begun. */
        STARTING,
        /** It computes, or is blocked in code that Yibu knows nothing of. */
        RUNNING,
        /** It waits in an operation of Yibu. */
        WAITING,
        /** It is in a named call of a driver, or in {@code blocking}. */
        IN_FOREIGN_CALL
    }

    /** The live tasks of the calling thread's driver, owners before the tasks they own. */
    static List<TaskInfo> all() {
        Strand caller = Strand.current();
        Driver driver = caller == null ? Driver.real() : caller.driver();
        List<TaskInfo> all = new ArrayList<>();
        Deque<Strand> todo = new ArrayDeque<>(Strand.roots());
        todo.removeIf(root -> root.driver() != driver);
        for (Strand strand = todo.poll(); strand != null; strand = todo.poll()) {
            if (strand.isFinished()) {
                continue;
            }
            boolean worksForAnother = strand.parent() != null && !(strand instanceof TaskStrand);
            boolean hasTaskInside = strand.helper() instanceof TaskStrand; // on its thread, which is listed once
            if (!worksForAnother && !hasTaskInside) {
                all.add(of(strand));
            }
            List<Strand> children = new ArrayList<>();
            strand.visitBelow(children::add);
            for (Strand child : children.reversed()) {
                todo.addFirst(child);
            }
        }
        return Collections.unmodifiableList(all);
    }

    private static TaskInfo of(Strand strand) {
        CancelScope owner = strand.parent();
        TaskStrand<?> parent = owner == null ? null : TaskStrand.of(owner.strand());
        TaskStrand<?> task = strand instanceof TaskStrand<?> t ? t : null;
        Thread thread = strand.thread();
        Object waitingFor = strand.waitingFor();
        String foreign = strand.foreignCall();
        State state = foreign != null || strand.isHelped()
                ? State.IN_FOREIGN_CALL
                : waitingFor != null ? State.WAITING : thread == null ? State.STARTING : State.RUNNING;
        return new TaskInfo(
                strand.id(),
                task == null ? strand.toString() : task.name(),
                parent == null ? OptionalLong.empty() : OptionalLong.of(parent.id()),
                state,
                Optional.ofNullable(foreign != null ? foreign : waitingFor == null ? null : waitingFor.toString()),
                strand.scope().isCancelled(),
                Optional.ofNullable(task == null ? null : task.site),
                Optional.ofNullable(thread));
    }
}
