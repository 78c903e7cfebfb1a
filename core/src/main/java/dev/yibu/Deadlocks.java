package dev.yibu;

import dev.yibu.lowlevel.CancelScope;
import dev.yibu.lowlevel.Strand;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/*
 * A task can't end before the task it awaits, nor before the children that its group joins. So whoever awaits a task is
 * blocked by it, and so are its owner, the owner's owner, and those who await them. Before a task awaits a target, this
 * collects all that it blocks: if the target is among them, the wait could never end.
 *
 * A waiter is registered with its target before it searches, so of two that begin to await each other at the same time
 * at least the later one sees the circle.
 */
final class Deadlocks {
    private Deadlocks() {}

    static @Nullable DeadlockException find(Strand waiter, TaskStrand<?> target) {
        TaskStrand<?> self = TaskStrand.of(waiter);
        if (self == null) {
            return null;
        }
        if (self == target) {
            return new DeadlockException(self + " awaits itself");
        }
        // Each task that `self` blocks, and through which step.
        Map<TaskStrand<?>, Step> blocked = new LinkedHashMap<>();
        Deque<TaskStrand<?>> todo = new ArrayDeque<>();
        todo.add(self);
        for (TaskStrand<?> task = todo.poll(); task != null; task = todo.poll()) {
            TaskStrand<?> owner = joiningOwner(task);
            if (owner != null && owner != self && blocked.putIfAbsent(owner, new Step(task, " joins ")) == null) {
                todo.add(owner);
            }
            for (Strand strand : task.awaitingStrands()) {
                TaskStrand<?> awaiting = TaskStrand.of(strand);
                if (awaiting != null
                        && !strand.scope().isCancelled() // it is about to unwind
                        && awaiting != self
                        && blocked.putIfAbsent(awaiting, new Step(task, " awaits ")) == null) {
                    todo.add(awaiting);
                }
            }
        }
        return blocked.containsKey(target) ? new DeadlockException(describe(self, target, blocked)) : null;
    }

    private record Step(TaskStrand<?> blockedBy, String how) {}

    private static @Nullable TaskStrand<?> joiningOwner(TaskStrand<?> task) {
        GroupScope group = task.group;
        if (group == null || !group.waitsForChildren()) {
            return null;
        }
        CancelScope scope = group;
        return TaskStrand.of(scope.strand());
    }

    private static String describe(TaskStrand<?> self, TaskStrand<?> target, Map<TaskStrand<?>, Step> blocked) {
        List<String> steps = new ArrayList<>();
        steps.add(self + " awaits " + target);
        TaskStrand<?> task = target;
        while (task != self) {
            Step step = blocked.get(task);
            if (step == null) {
                break;
            }
            steps.add(task + step.how() + step.blockedBy());
            task = step.blockedBy();
        }
        return "deadlock: " + String.join(", ", steps);
    }
}
