package dev.yibu.testkit;

import dev.yibu.CancelReason;
import dev.yibu.Cancelled;
import dev.yibu.lowlevel.Driver;
import dev.yibu.lowlevel.Lender;
import dev.yibu.lowlevel.Strand;
import dev.yibu.lowlevel.Suspension;
import dev.yibu.lowlevel.Timer;
import dev.yibu.testkit.Actor.Kind;
import dev.yibu.testkit.Actor.State;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/*
 * A simulated world
 *
 * Strands have threads of their own, but only one of them runs at a time: the one that has the turn. It gives the turn
 * away when it waits at the waist, when it ends, and, if the schedule preempts, wherever it crosses the waist. Whoever gives
 * it away asks the schedule who is next and wakes that thread; there is no thread in between.
 *
 * Timers that are due, interrupts that are to be delivered and abort hooks are actors as well: the schedule decides when
 * they happen, among everything else that could. They are not preempted. They run on the thread that gives the turn away,
 * if that one waits or ends, and on a thread of their own otherwise: what they do may depend on whose thread they are on.
 *
 * The clock jumps when nobody could go on: to the next instant for which a timer is set, and all timers of that instant
 * become candidates at once. It stands still while somebody is in foreign code, or waits for something from outside. If
 * nobody could go on, no timer is set and nothing is expected from outside, then the world is stuck, which is a failure.
 *
 * Foreign code keeps the turn. If its thread is seen to be blocked while others could go on, it loses the turn (it is
 * "away") and asks for it again when it next calls this driver; see Watch.
 *
 * A failure of the world itself condemns it: its strands unwind one after the other, by an exception at the waist.
 */
final class World implements Driver {
    private static final int MOST_LOOKED_AT = 100;
    private static final Instant BEGINNING = Instant.parse("2000-01-01T00:00:00Z");

    private static final int ACCESSES_PER_CHOICE = 8;

    private record Due(long nanos, long number) implements Comparable<Due> {
        @Override
        public int compareTo(Due other) {
            int byTime = Long.compare(nanos, other.nanos);
            return byTime != 0 ? byTime : Long.compare(number, other.number);
        }
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Schedule schedule;
    private final boolean preempts;
    private final boolean everywhere;
    private final long mostSteps;
    private final @Nullable Trace trace;
    private final Random random;

    /** Decides which accesses of instrumented code are places to be preempted: with all of them, nobody gets far. */
    private final SplittableRandom accesses;

    /** Whoever has the turn; null if nobody could go on at the moment. Written under the lock. */
    private volatile @Nullable Actor running;

    /** Grows with every choice and every wait; for the watch. */
    private volatile long progress;

    /** What is wrong with the world itself. Written once, under the lock. */
    private volatile @Nullable SimulationFailure failure;

    // Guarded by the lock.
    private final List<@Nullable Actor> byStrand = new ArrayList<>();
    private final List<Actor> ready = new ArrayList<>();
    private final List<Actor> candidates = new ArrayList<>();
    private final Set<Actor> alive = new LinkedHashSet<>();
    private final List<Actor> latched = new ArrayList<>();
    private final Set<Tracked> open = new LinkedHashSet<>();
    private final List<Lender> lenders = new ArrayList<>();
    private final Map<Timer, Due> timers = new HashMap<>(); // looked up, never iterated over: its order is no order
    private final TreeMap<Due, Timer> schedules = new TreeMap<>();
    private final Map<Timer, Actor> dueTimers = new HashMap<>(); // likewise
    private int[] choices = new int[64];
    private int choiceCount;
    private int actors;
    private long ids;
    private long timerCount;
    private long steps;
    private long crossings;
    private int queued;
    private @Nullable Strand main;
    private boolean settling;

    private volatile long now;

    /** Waits for the end. */
    private volatile @Nullable Thread settler;

    /** How many actors have lost the turn in foreign code. Written under the lock. */
    private volatile int away;

    /** At which crossing to cancel, or 0 for never; and what. */
    private long cancelAt;

    private @Nullable Runnable cancellation;

    World(Schedule schedule, long seed, Limits limits, @Nullable Trace trace) {
        this.schedule = schedule;
        this.preempts = schedule.preempts();
        this.everywhere = limits.everywhere();
        this.mostSteps = limits.steps();
        this.random = new Random(seed);
        this.accesses = new SplittableRandom(~seed);
        this.trace = trace;
    }

    /** Arranges for a cancellation at a crossing of the waist; before anything runs. */
    void cancelAt(long crossing, Runnable cancellation) {
        this.cancelAt = crossing;
        this.cancellation = cancellation;
    }

    /** The world that the calling thread lives in. */
    static @Nullable World current() {
        Strand strand = Strand.current();
        return strand != null && strand.driver() instanceof World world ? world : null;
    }

    // ---------------------------------------------------------------- time, randomness, numbers

    @Override
    public long nanoTime() {
        return now;
    }

    @Override
    public Instant instant() {
        return BEGINNING.plusNanos(now);
    }

    @Override
    public RandomGenerator random() {
        return random;
    }

    @Override
    public long nextId() {
        lock.lock();
        try {
            return ++ids;
        } finally {
            lock.unlock();
        }
    }

    // ---------------------------------------------------------------- strands come and go

    private Actor create(
            Kind kind,
            @Nullable Strand strand,
            @Nullable Runnable work,
            @Nullable Timer timer,
            @Nullable String label) {
        Actor actor = new Actor(kind, ++actors, strand, work, timer, label);
        schedule.created(actor);
        if (strand != null) {
            register(strand, actor);
            alive.add(actor);
        }
        return actor;
    }

    private void register(Strand strand, Actor actor) {
        int id = Math.toIntExact(strand.id());
        while (byStrand.size() <= id) {
            byStrand.add(null);
        }
        byStrand.set(id, actor);
    }

    private @Nullable Actor actorOf(Strand strand) {
        int id = Math.toIntExact(strand.id());
        return id < byStrand.size() ? byStrand.get(id) : null;
    }

    @Override
    public void start(Strand strand, Runnable body, @Nullable String name) {
        lock.lock();
        try {
            Actor actor = create(Kind.STRAND, strand, body, null, name);
            if (failure != null) {
                actor.state = State.ENDED;
                alive.remove(actor);
                return;
            }
            record(actor, "is started");
            becomesReady(actor);
        } finally {
            lock.unlock();
        }
        try {
            mayBePreempted();
        } catch (Cancelled condemned) {
            // It was started all the same; who has started it unwinds at its next wait.
        }
    }

    /** A strand that the world started: its thread's whole life. */
    private void live(Actor actor, Runnable body) {
        try {
            if (!actor.condemned) {
                Access.isIn(this);
                body.run();
            }
        } catch (Cancelled condemned) {
            if (!actor.condemned) {
                throw condemned;
            }
        } finally {
            end(actor);
        }
    }

    private void end(Actor actor) {
        returnFromForeign();
        lock.lock();
        try {
            if (actor.state == State.AWAY) {
                away--;
            }
            actor.state = State.ENDED;
            alive.remove(actor);
            record(actor, "ends");
            if (running == actor || running == null) {
                pass(true);
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void expect(Strand strand) {
        lock.lock();
        try {
            if (failure == null) {
                becomesReady(create(Kind.STRAND, strand, null, null, null));
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void forget(Strand strand) {
        lock.lock();
        try {
            Actor actor = actorOf(strand);
            if (actor != null) {
                ready.remove(actor);
                alive.remove(actor);
                if (actor.state == State.QUEUED) {
                    queued--;
                }
                actor.state = State.ENDED;
                if (running == actor) {
                    pass(false);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void enter(Strand strand) {
        Actor actor;
        if (entersOnThreadWithTurn(strand)) {
            return;
        }
        lock.lock();
        try {
            Actor known = actorOf(strand);
            if (known != null && known.depth > 0) {
                known.depth++;
                return;
            }
            actor = known == null ? create(Kind.STRAND, strand, null, null, null) : known;
            actor.depth = 1;
            actor.thread = Thread.currentThread();
            if (failure != null) {
                actor.condemned = true; // it gets as far as its first wait
                return;
            }
            if (known == null) {
                becomesReady(actor);
            } else if (known.state == State.QUEUED) {
                queued--;
                becomesReady(known);
            }
        } finally {
            lock.unlock();
        }
        Access.isIn(this);
        awaitTurn(actor);
    }

    /** A strand inside another one, on its thread: it has the other one's turn, and is the same actor. */
    private boolean entersOnThreadWithTurn(Strand strand) {
        Strand around = Strand.current();
        Actor self = around == null || around == strand || around.driver() != this ? null : lockWithTurn(around);
        if (self == null) {
            return false;
        }
        try {
            if (actorOf(strand) != null) {
                return false; // one that was expected has an actor of its own
            }
            register(strand, self);
            return true;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void leave(Strand strand) {
        Actor actor;
        lock.lock();
        try {
            actor = Objects.requireNonNull(actorOf(strand));
            if (actor.strand != strand) {
                byStrand.set(Math.toIntExact(strand.id()), null); // it was inside another one, which goes on
                return;
            }
            if (--actor.depth > 0) {
                return;
            }
            settling |= strand == main;
        } finally {
            lock.unlock();
        }
        end(actor);
        Access.isIn(null);
    }

    // ---------------------------------------------------------------- waits

    @Override
    public void crossing(Strand strand) {
        cross(strand, true);
    }

    @Override
    public void yield(Strand strand) {
        cross(strand, false);
    }

    private void cross(Strand strand, boolean mayContinue) {
        Actor self = lockWithTurn(strand);
        if (self == null) {
            return;
        }
        try {
            countCrossing(self);
            if (running == self) {
                if (ready.isEmpty() || (mayContinue && !preempts)) {
                    countStep();
                    if (failure == null) {
                        return;
                    }
                } else {
                    letOthers(self, mayContinue);
                }
            }
        } finally {
            lock.unlock();
        }
        awaitTurn(self);
    }

    /** Takes the lock, for a strand that has the turn or waits here until it has. Null, without the lock, for strangers. */
    private @Nullable Actor lockWithTurn(Strand strand) {
        lock.lock();
        Actor self = actorOf(strand);
        if (self == null || self.thread != Thread.currentThread()) {
            lock.unlock();
            return null;
        }
        while (running != self) {
            if (self.state == State.AWAY) {
                comeBack(self);
            }
            lock.unlock();
            awaitTurn(self);
            lock.lock();
        }
        return self;
    }

    private void comeBack(Actor self) {
        away--;
        record(self, "is back from foreign code");
        becomesReady(self);
    }

    /** Under the lock: another one may go first; the caller then waits for its turn. */
    private void letOthers(Actor self, boolean mayContinue) {
        findInterrupted();
        Actor next = choose(self, mayContinue);
        if (next != self && failure == null) {
            self.state = State.READY;
            ready.add(self);
            if (trace != null) {
                record(self, "gives way" + here());
            }
            give(next);
        }
    }

    @Override
    public void park(Strand strand, Suspension<?> on) {
        Actor self = lockWithTurn(strand);
        if (self == null) {
            return;
        }
        try {
            countCrossing(self);
            if (running == self && everywhere && preempts && !ready.isEmpty()) {
                letOthers(self, true);
            }
            while (running != self) {
                lock.unlock();
                try {
                    awaitTurn(self);
                } finally {
                    lock.lock();
                }
            }
            if (self.permit || Thread.currentThread().isInterrupted()) {
                self.permit = false;
                countStep();
                return;
            }
            self.on = on;
            if (trace != null) {
                record(self, "waits for " + on.on() + here());
            }
            block(self, true);
        } finally {
            lock.unlock();
        }
        awaitTurn(self);
    }

    /** Under the lock: the actor waits, and gives the turn away. */
    private void block(Actor self, boolean lend) {
        self.state = State.WAITING;
        progress++;
        pass(lend);
    }

    /**
     * Waits until the actor has the turn. An interrupt ends a wait at the waist. A thread can't park with its flag set: it
     * keeps the interrupt until it goes on, and says so to those who ask.
     */
    private void awaitTurn(Actor self) {
        while (running != self) {
            if (self.condemned && failure != null) {
                break;
            }
            LockSupport.park(this);
            if (Thread.currentThread().isInterrupted()) {
                self.interrupted = true; // before the flag is cleared, so that it can be seen at any time
                Thread.interrupted();
                wake(self);
            }
        }
        if (self.interrupted) {
            Thread.currentThread().interrupt();
            self.interrupted = false;
        }
        throwIfCondemned(self);
    }

    private static void throwIfCondemned(@Nullable Actor actor) {
        if (actor != null && actor.condemned) {
            throw new Cancelled(
                    new CancelReason(CancelReason.Kind.SCOPE_ENDED, "the simulation has failed and unwinds"), null);
        }
    }

    /** A thread was interrupted while it waited at the waist. Who runs will see that when it gives the turn away. */
    private void wake(Actor actor) {
        lock.lock();
        try {
            if (actor.state == State.WAITING
                    && actor.latch == null
                    && (running == null || alive.size() > MOST_LOOKED_AT)) {
                actor.on = null;
                becomesReady(actor);
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Under the lock: who waits at the waist and was interrupted by the program itself, could go on. Threads don't come back
     * from an interrupted wait at a certain moment, so that here they are looked for; in a large world that takes too long.
     */
    private void findInterrupted() {
        if (alive.size() <= MOST_LOOKED_AT) {
            letInterruptedGoOn();
        }
    }

    /** Under the lock. */
    private void letInterruptedGoOn() {
        for (Actor actor : alive) {
            if (actor.state == State.WAITING && actor.latch == null && actor.isInterrupted()) {
                actor.on = null;
                actor.state = State.READY;
                ready.add(actor);
            }
        }
    }

    @Override
    public void unpark(Strand strand) {
        returnFromForeign();
        lock.lock();
        try {
            Actor actor = actorOf(strand);
            if (actor == null || failure != null) {
                return;
            }
            if (actor.state == State.WAITING && actor.latch == null) {
                record(actor, "is woken");
                actor.on = null;
                becomesReady(actor);
            } else {
                actor.permit = true;
            }
        } finally {
            lock.unlock();
        }
        mayBePreempted();
    }

    /** Under the lock. */
    private void becomesReady(Actor actor) {
        actor.state = State.READY;
        ready.add(actor);
        if (running == null && failure == null) {
            pass(false);
        }
    }

    // ---------------------------------------------------------------- timers and interrupts

    @Override
    public void schedule(Timer timer, long deadlineNanos) {
        returnFromForeign();
        lock.lock();
        try {
            if (failure != null) {
                return;
            }
            if (timers.containsKey(timer) || dueTimers.containsKey(timer)) {
                throw new IllegalStateException("the timer is scheduled already");
            }
            Due due = new Due(Math.max(deadlineNanos, now), ++timerCount);
            if (due.nanos() == now) {
                expire(timer);
            } else {
                timers.put(timer, due);
                schedules.put(due, timer);
            }
        } finally {
            lock.unlock();
        }
        mayBePreempted();
    }

    /** Under the lock: the timer is due, and happens when the schedule says so. */
    private void expire(Timer timer) {
        Actor actor = create(Kind.TIMER, null, null, timer, null);
        dueTimers.put(timer, actor);
        becomesReady(actor);
    }

    @Override
    public boolean cancel(Timer timer) {
        mayBePreempted();
        returnFromForeign();
        lock.lock();
        try {
            Due due = timers.remove(timer);
            if (due != null) {
                schedules.remove(due);
                return true;
            }
            Actor actor = dueTimers.remove(timer);
            return actor != null && ready.remove(actor);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int pendingTimers() {
        lock.lock();
        try {
            return schedules.size();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void watch(Timer timer, long deadlineNanos) {}

    @Override
    public void interrupt(Runnable work) {
        returnFromForeign();
        lock.lock();
        try {
            if (failure == null) {
                becomesReady(create(Kind.INTERRUPTER, null, work, null, "an interrupter"));
            }
        } finally {
            lock.unlock();
        }
        mayBePreempted();
    }

    // ---------------------------------------------------------------- foreign code

    @Override
    public boolean isInterrupted(Strand strand) {
        lock.lock();
        try {
            Actor actor = actorOf(strand);
            return actor != null && actor.isInterrupted();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void lends(Lender lender) {
        lock.lock();
        try {
            lenders.add(lender);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void enterForeign(Strand strand, String name) {
        lock.lock();
        try {
            Actor self = actorOf(strand);
            if (self != null) {
                self.outside = name;
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void exitForeign(Strand strand) {
        lock.lock();
        try {
            Actor self = actorOf(strand);
            if (self != null) {
                self.outside = null;
            }
        } finally {
            lock.unlock();
        }
    }

    /** Waits in stand-in foreign code until it is released or the thread is interrupted. */
    void awaitLatch(Strand strand, ForeignLatch latch) {
        Actor self = lockWithTurn(strand);
        if (self == null) {
            throw new IllegalStateException(latch + " belongs to another simulation");
        }
        try {
            if (latch.isReleased() || Thread.currentThread().isInterrupted()) {
                return;
            }
            self.latch = latch;
            latched.add(self);
            if (trace != null) {
                record(self, "blocks in " + latch + here());
            }
            block(self, false); // a cancellation that a timer brings has to find this thread elsewhere
        } finally {
            lock.unlock();
        }
        awaitTurn(self);
    }

    /** Lets those go on who block in stand-in foreign code that is released, or whom an interrupt has met. */
    void wakeLatched() {
        lock.lock();
        try {
            findUnlatched();
            if (running == null && !ready.isEmpty()) {
                pass(false);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Whom an interrupter has met at the waist goes on now, and not when its thread happens to notice. */
    private void wakeInterrupted() {
        lock.lock();
        try {
            letInterruptedGoOn();
        } finally {
            lock.unlock();
        }
    }

    private void findUnlatched() {
        for (int i = 0; i < latched.size(); i++) {
            Actor actor = latched.get(i);
            ForeignLatch latch = actor.latch;
            if (latch == null || latch.isReleased() || actor.isInterrupted()) {
                actor.latch = null;
                latched.remove(i--);
                actor.state = State.READY;
                ready.add(actor);
            }
        }
    }

    /** The calling thread's strand may have lost the turn in foreign code: then it waits for the next one. */
    private void returnFromForeign() {
        if (away == 0) {
            return;
        }
        Strand strand = Strand.current();
        if (strand == null || strand.driver() != this) {
            return;
        }
        Actor self;
        lock.lock();
        try {
            self = actorOf(strand);
            if (self == null || self.state != State.AWAY || self.thread != Thread.currentThread()) {
                return;
            }
            comeBack(self);
        } finally {
            lock.unlock();
        }
        awaitTurn(self);
    }

    /** In tests of the engine itself every call of the driver is a place to be preempted. */
    private void mayBePreempted() {
        if (!everywhere || !preempts) {
            return;
        }
        Actor self;
        lock.lock();
        try {
            self = running;
            if (self == null
                    || !self.isStrand()
                    || self.thread != Thread.currentThread()
                    || ready.isEmpty()
                    || failure != null) {
                return;
            }
            letOthers(self, true);
        } finally {
            lock.unlock();
        }
        awaitTurn(self);
    }

    /**
     * The calling thread is between two accesses of instrumented code: now and then, others go first.
     *
     * @param spins whether it waits for others, so that they have to go first
     */
    void access(boolean spins) {
        Actor self = running;
        if (self == null
                || !self.isStrand()
                || self.thread != Thread.currentThread()
                || self.locks > 0
                || lock.isHeldByCurrentThread()
                || (!spins && !preempts)) {
            return;
        }
        lock.lock();
        try {
            if (running != self || failure != null) {
                return;
            }
            if (ready.isEmpty() || (!spins && accesses.nextInt(ACCESSES_PER_CHOICE) != 0)) {
                if (spins) {
                    countStep();
                }
                return;
            }
            letOthers(self, !spins);
        } finally {
            lock.unlock();
        }
        awaitTurn(self);
    }

    void countLocks(int change) {
        Actor self = running;
        if (self != null && self.thread == Thread.currentThread()) {
            self.locks += change;
        }
    }

    // ---------------------------------------------------------------- the turn; all of it under the lock

    private void countStep() {
        progress++;
        if (++steps > mostSteps && failure == null) {
            fail(new SimulationFailure(
                    "after " + steps + " steps there is no end in sight: somebody goes round in a circle"
                            + " without waiting for anything that takes time; " + running + " is running"));
        }
    }

    private void countCrossing(Actor self) {
        crossings++;
        Runnable what = cancellation;
        if (crossings == cancelAt && what != null) {
            cancellation = null;
            Actor canceller = create(Kind.INTERRUPTER, null, what, null, "the injected cancellation");
            record(canceller, "happens before " + self + " goes on");
            self.state = State.READY;
            ready.add(self);
            give(canceller);
        }
    }

    /** Asks the schedule who is next; takes the chosen one out of those that are ready. */
    private Actor choose(@Nullable Actor current, boolean mayContinue) {
        countStep();
        if (current == null && ready.size() == 1) {
            return ready.removeFirst();
        }
        int choice;
        try {
            if (current == null) {
                choice = schedule.choose(ready, null);
            } else {
                candidates.clear();
                candidates.addAll(ready);
                candidates.add(current);
                choice = schedule.choose(candidates, mayContinue ? current : null);
            }
        } catch (IllegalStateException e) { // it does not fit what the program does
            fail(new SimulationFailure(String.valueOf(e.getMessage()), e));
            return current == null ? ready.getFirst() : current;
        }
        if (choiceCount == choices.length) {
            choices = Arrays.copyOf(choices, 2 * choices.length);
        }
        choices[choiceCount++] = choice;
        return current != null && choice == ready.size() ? current : ready.remove(choice);
    }

    /**
     * Gives the turn to whoever is next.
     *
     * @param lend whether the calling thread waits or ends, so that timers can borrow it
     */
    private void pass(boolean lend) {
        running = null;
        findUnlatched();
        findInterrupted();
        while (failure == null && running == null) {
            if (ready.isEmpty() && !advance()) {
                return;
            }
            Actor next = choose(null, false);
            if (failure != null) {
                return;
            }
            if (next.kind != Kind.TIMER || !lend) {
                give(next);
                return;
            }
            running = next;
            lock.unlock();
            try {
                fire(next);
            } finally {
                lock.lock();
                running = null;
            }
        }
    }

    private void fire(Actor actor) {
        Timer timer = Objects.requireNonNull(actor.timer);
        lock.lock();
        try {
            dueTimers.remove(timer);
            actor.state = State.ENDED;
            record(actor, "fires");
        } finally {
            lock.unlock();
        }
        timer.fire();
    }

    private void give(Actor next) {
        next.state = State.RUNNING;
        running = next;
        Thread thread = next.thread;
        if (thread != null) {
            record(next, "goes on");
            LockSupport.unpark(thread);
            return;
        }
        Runnable work = next.work;
        switch (next.kind) {
            case STRAND -> {
                if (work != null) {
                    record(next, "begins");
                    next.work = null;
                    startThread(next, () -> live(next, work));
                } // else its thread is on its way
            }
            case TIMER ->
                startThread(next, () -> {
                    fire(next);
                    helperEnds();
                });
            case INTERRUPTER -> {
                record(next, "acts");
                startThread(next, () -> {
                    try {
                        Objects.requireNonNull(work).run();
                    } finally {
                        wakeInterrupted();
                        end(next);
                    }
                });
            }
        }
    }

    private static void startThread(Actor actor, Runnable body) {
        Thread thread = StartedThreads.ours(body);
        if (actor.label != null) {
            thread.setName(actor.label);
        }
        actor.thread = thread;
        thread.start();
    }

    private void helperEnds() {
        lock.lock();
        try {
            pass(true);
        } finally {
            lock.unlock();
        }
    }

    /** Nobody is ready: lets the clock jump, if it may. Returns whether somebody is ready now. */
    private boolean advance() {
        if (settling) {
            if (away == 0) {
                LockSupport.unpark(settler);
            }
            return false;
        }
        if (away > 0 || isSomethingExpected()) {
            return false;
        }
        if (schedules.isEmpty() && queued > 0) {
            return false;
        }
        if (schedules.isEmpty()) {
            fail(new SimulationFailure(WaitGraph.describe(alive)));
            return false;
        }
        now = schedules.firstKey().nanos();
        while (!schedules.isEmpty() && schedules.firstKey().nanos() <= now) {
            Timer timer = schedules.pollFirstEntry().getValue();
            timers.remove(timer);
            Actor actor = create(Kind.TIMER, null, null, timer, null);
            dueTimers.put(timer, actor);
            ready.add(actor);
        }
        return true;
    }

    private boolean isSomethingExpected() {
        for (Actor actor : alive) {
            if (actor.state == State.WAITING && actor.outside != null) {
                return true;
            }
        }
        return false;
    }

    /** Where in the program the calling thread is; for traces. */
    private static String here() {
        return WaitGraph.place(Thread.currentThread().getStackTrace())
                .map(place -> ", at " + place)
                .orElse("");
    }

    private void record(Actor actor, String what) {
        if (trace != null) {
            trace.add(now, actor.toString(), what);
        }
    }

    // ---------------------------------------------------------------- the end; for Simulation and Watch

    /** Condemns the world. Any thread. */
    void fail(SimulationFailure what) {
        lock.lock();
        try {
            if (failure == null) {
                failure = what;
                running = null;
                if (trace != null) {
                    trace.add(now, "", "the simulation has failed; what follows is its unwinding");
                }
                LockSupport.unpark(settler);
            }
        } finally {
            lock.unlock();
        }
    }

    @Nullable
    SimulationFailure failure() {
        return failure;
    }

    long progress() {
        return progress;
    }

    @Nullable
    Actor running() {
        return running;
    }

    long now() {
        return now;
    }

    long crossings() {
        return crossings;
    }

    long steps() {
        return steps;
    }

    Choices choices() {
        return Choices.of(choices, choiceCount);
    }

    List<Actor> alive() {
        lock.lock();
        try {
            return List.copyOf(alive);
        } finally {
            lock.unlock();
        }
    }

    /** Takes the turn from an actor whose thread is blocked in foreign code, if others could go on. */
    boolean sendAway(Actor actor) {
        lock.lock();
        try {
            if (running != actor || ready.isEmpty() || failure != null) {
                return false;
            }
            if (actor.thread == null) {
                actor.state = State.QUEUED;
                queued++;
                record(actor, "is queued in its executor and loses the turn");
            } else {
                actor.state = State.AWAY;
                away++;
                record(actor, "blocks in foreign code and loses the turn");
            }
            pass(false);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Names the strand after whose end nothing is to happen any more but what is on the way already. */
    void main(Strand strand) {
        main = strand;
        settling = false;
    }

    /** The main strand has ended: waits until nobody is on the way any more. */
    void settle() {
        settler = Thread.currentThread();
        while (failure == null && !isQuiet()) {
            LockSupport.park(this);
        }
        settler = null;
    }

    private boolean isQuiet() {
        lock.lock();
        try {
            return running == null && ready.isEmpty() && away == 0;
        } finally {
            lock.unlock();
        }
    }

    /** What is left when everything has ended: strands that wait, and timers. */
    List<String> leftovers() {
        lock.lock();
        try {
            List<String> left = new ArrayList<>();
            for (Actor actor : alive) {
                left.add(WaitGraph.line(actor));
            }
            for (Tracked resource : open) {
                left.add(resource + " is still open");
            }
            for (Lender lender : lenders) {
                lender.outstanding().ifPresent(left::add);
            }
            for (Timer timer : schedules.values()) {
                left.add("the timer of " + timer + " is still set");
            }
            return left;
        } finally {
            lock.unlock();
        }
    }

    void opened(Tracked resource) {
        lock.lock();
        try {
            open.add(resource);
        } finally {
            lock.unlock();
        }
    }

    void closed(Tracked resource) {
        lock.lock();
        try {
            open.remove(resource);
        } finally {
            lock.unlock();
        }
    }

    /** Lets a strand of a condemned world unwind. */
    void condemn(Actor actor) {
        lock.lock();
        try {
            actor.condemned = true;
            if (actor.thread == null) {
                alive.remove(actor);
            }
        } finally {
            lock.unlock();
        }
        LockSupport.unpark(actor.thread);
    }
}
