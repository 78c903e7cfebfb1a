package dev.yibu.testkit;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.AbstractOwnableSynchronizer;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/*
 * Looks, in real time, at whoever has the turn. A thread that is blocked and makes no progress is in foreign code, or it
 * waits for a lock of the JDK. It is classified by what it is blocked on:
 *
 * - a monitor, or a lock with an owner, that another strand of the simulation holds while it waits for its turn: that can
 *   never end, and in production it blocks a thread for as long as the other one waits. It is a failure.
 * - anything else, while others could go on: it loses the turn, and asks for it again when it comes back.
 * - anything else, while nobody else could go on: the clock stands still until it comes back, or until patience ends.
 *
 * So real time decides only whether to go on without somebody who is blocked anyway, and when to give up.
 */
final class Watch {
    private static final Duration LOOK = Duration.ofMillis(10);
    private static final int BLOCKED_LOOKS = 10;
    private static final int MONITOR_LOOKS = 5;
    private static final int LOCK_LOOKS = 100;
    private static final Duration UNWINDING = Duration.ofSeconds(2);

    private volatile @Nullable World world;

    /** Says which world to look at from now on. */
    void over(@Nullable World next) {
        world = next;
    }

    /** Watches until a thread has ended, on the calling thread. */
    void until(Thread lab, Duration patience) throws InterruptedException {
        World seen = null;
        long progress = -1;
        long since = System.nanoTime();
        int looks = 0;
        while (!lab.join(LOOK)) {
            World now = world;
            if (now == null) {
                continue;
            }
            if (now.failure() != null) {
                unwind(now);
                continue;
            }
            long progressNow = now.progress();
            if (now != seen || progressNow != progress) {
                seen = now;
                progress = progressNow;
                since = System.nanoTime();
                looks = 0;
                continue;
            }
            looks++;
            look(now, looks, System.nanoTime() - since, patience);
        }
    }

    /** Ends what is running, for nobody waits for it any more. */
    void giveUp(String why) {
        World now = world;
        if (now != null) {
            now.fail(new SimulationFailure(why));
            now.alive().forEach(now::condemn);
        }
    }

    private static void look(World world, int looks, long nanos, Duration patience) {
        Actor actor = world.running();
        boolean over = nanos > patience.toNanos();
        if (actor == null) {
            if (over) {
                world.fail(new SimulationFailure("nothing has happened for " + patience.toSeconds()
                        + " s, and the clock stands still, since something is expected from outside:\n  "
                        + lines(world.alive())));
            }
            return;
        }
        Thread thread = actor.thread;
        if (thread == null) {
            if (looks >= BLOCKED_LOOKS && !world.sendAway(actor) && over) {
                world.fail(new SimulationFailure(
                        actor + " was given to an executor and has not begun within " + patience.toSeconds() + " s"));
            }
            return;
        }
        Thread.State state = thread.getState();
        Object blocker = LockSupport.getBlocker(thread);
        boolean blocked = blocker != world
                && (state == Thread.State.BLOCKED
                        || state == Thread.State.WAITING
                        || state == Thread.State.TIMED_WAITING);
        if (blocked && looks >= MONITOR_LOOKS && state == Thread.State.BLOCKED) {
            monitor(world, actor, thread);
        } else if (blocked && looks >= LOCK_LOOKS && blocker instanceof AbstractOwnableSynchronizer) {
            lock(world, actor, thread, blocker);
        } else if (blocked && looks >= BLOCKED_LOOKS && world.sendAway(actor)) {
            return;
        }
        if (over) {
            world.fail(new SimulationFailure(actor + (blocked ? " is blocked in foreign code" : " computes")
                    + " without coming back for more than " + patience.toSeconds()
                    + " s, and virtual time waits for it:\n"
                    + stack(thread)));
        }
    }

    /** A strand is blocked on a monitor: whose is it? */
    private static void monitor(World world, Actor actor, Thread thread) {
        ThreadDump dump = ThreadDump.take();
        ThreadDump.Holder holder = dump.holderOfMonitorThat(thread.threadId());
        if (holder == null) {
            return; // it has gone on meanwhile
        }
        for (Actor other : world.alive()) {
            Thread held = other.thread;
            if (other != actor && held != null && held.threadId() == holder.threadId()) {
                world.fail(new SimulationFailure(heldLock(
                        actor,
                        "a monitor",
                        thread.getStackTrace(),
                        "by " + WaitGraph.line(other) + " (it was taken in " + holder.frame() + ")")));
                return;
            }
        }
    }

    /** A strand is blocked on a lock of java.util.concurrent, which does not tell whose it is. */
    private static void lock(World world, Actor actor, Thread thread, Object lock) {
        StackTraceElement[] blockedAt = thread.getStackTrace();
        List<Actor> others = world.alive().stream()
                .filter(other -> other != actor && other.thread != null)
                .toList();
        if (others.isEmpty() || LockSupport.getBlocker(thread) != lock || world.running() != actor) {
            return; // it has gone on meanwhile, or the lock is somebody's outside of the simulation
        }
        String holder = "by "
                + (others.size() == 1 ? "" : "one of these: ")
                + others.stream().limit(5).map(WaitGraph::line).collect(Collectors.joining("; "));
        world.fail(new SimulationFailure(heldLock(actor, "a lock", blockedAt, holder)));
    }

    private static String heldLock(Actor actor, String what, StackTraceElement[] blockedAt, String holder) {
        return actor + " is blocked on " + what + " at "
                + WaitGraph.place(blockedAt).orElse("an unknown place") + ", which is held " + holder
                + ". A task that waits while it holds a lock or monitor of the JDK blocks the threads of all others that"
                + " need it, and a cancellation does not reach them. Give the lock back before you wait, or use a lock"
                + " whose waiters are tasks.";
    }

    /** Ends the strands of a world that has failed, one after the other, the youngest first. */
    private static void unwind(World world) throws InterruptedException {
        for (Actor actor : world.alive().reversed()) {
            world.condemn(actor);
            Thread thread = actor.thread;
            if (thread == null || thread.getState() == Thread.State.TERMINATED) {
                continue;
            }
            boolean inForeignCode = LockSupport.getBlocker(thread) != world;
            if (inForeignCode) {
                thread.interrupt();
            }
            long deadline = System.nanoTime() + UNWINDING.toNanos();
            while (actor.state != Actor.State.ENDED && System.nanoTime() < deadline) {
                Thread.sleep(1);
                LockSupport.unpark(thread);
            }
        }
    }

    private static String lines(List<Actor> actors) {
        return actors.stream().map(WaitGraph::line).collect(Collectors.joining("\n  "));
    }

    private static String stack(Thread thread) {
        return Arrays.stream(thread.getStackTrace())
                .map(frame -> "    at " + frame)
                .collect(Collectors.joining("\n"));
    }
}
