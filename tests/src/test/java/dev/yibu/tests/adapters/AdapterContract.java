package dev.yibu.tests.adapters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.Async;
import dev.yibu.Cancelled;
import dev.yibu.Outcome;
import dev.yibu.TimeoutException;
import dev.yibu.lowlevel.Interruption;
import dev.yibu.tests.adapters.Subject.Pool;
import dev.yibu.tests.adapters.Subject.Stage;
import dev.yibu.tests.servers.Until;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What every adapter has to do, whatever its protocol: an operation ends when its task is cancelled or its time is over,
 * in each phase that it can be in; then the pool is whole, no socket, file, thread or task is left, and the next operation
 * works. An adapter joins by a subclass that says how to open it and which phases it has.
 *
 * <p>The peers hold an operation in its phase until the test has acted. No test sleeps, and none decides by time: the limit
 * only ends a test that hangs.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
@EnabledOnOs(value = OS.LINUX, disabledReason = "what the process has is read from /proc")
abstract class AdapterContract {
    private static final Duration HOUR = Duration.ofHours(1);

    private Inventory before;
    private Subject subject;

    /** A new one, with a pool of at least two places. */
    abstract Subject open() throws Exception;

    /** The phases that its operations have. Waiting for the answer is always one. */
    abstract Set<Phase> phases();

    /** Whether a thread belongs to the library behind the adapter, which keeps some for all of its users. */
    boolean isResident(String threadName) {
        return false;
    }

    /** How many such threads there may be. */
    int residents() {
        return 0;
    }

    /** How long something may take that must not last. */
    Duration limit() {
        return Until.LIMIT;
    }

    Set<Phase> phasesAtThePeer() {
        Set<Phase> phases = EnumSet.copyOf(phases());
        phases.remove(Phase.WAITING_FOR_THE_POOL);
        return phases;
    }

    @BeforeAll
    void load_what_the_first_operation_needs() throws Exception {
        try (Subject first = open()) {
            first.operate();
            for (Phase phase : phasesAtThePeer()) {
                Stage stage = first.stage(phase);
                Running running = Running.start(stage::operate);
                Until.isTrue("it gets to " + phase, limit(), () -> stage.reached() == 1);
                running.cancel();
                running.outcome(limit());
                stage.release();
                stage.close();
            }
        }
    }

    @BeforeEach
    void open_the_adapter() throws Exception {
        before = Inventory.take(this::isResident);
        subject = open();
    }

    /** A part of each test. */
    @AfterEach
    void nothing_is_left() throws Exception {
        subject.close();
        assertThat(Inventory.take(this::isResident).filesSince(before))
                .as("files, before the garbage collector closes them")
                .isEmpty();
        AtomicReference<List<String>> left = new AtomicReference<>();
        try {
            Until.isTrue("nothing is left", limit(), () -> {
                left.set(Inventory.take(this::isResident).since(before));
                return left.get().isEmpty();
            });
        } catch (AssertionError e) {
            throw new AssertionError("left: " + left, e);
        }
        assertThat(Inventory.threads(this::isResident))
                .as("threads of the library")
                .isLessThanOrEqualTo(residents());
    }

    private void assertThatAllIsWell() throws Exception {
        assertThatThePoolIsWhole();
        Running next = Running.start(subject::operate);
        assertThat(next.outcome(limit())).as("the next operation").isEqualTo(new Outcome.Success<>(null));
        assertThatThePoolIsWhole();
    }

    private void assertThatThePoolIsWhole() {
        Pool pool = subject.pool();
        assertThat(pool.isWhole()).as(pool.toString()).isTrue();
        String counts = "there are as many sockets as connections are counted";
        try {
            Until.isTrue(counts, limit(), () -> {
                long sockets = subject.sockets();
                int connections = subject.connections();
                return subject.countsTheDead() ? sockets <= connections : sockets == connections;
            });
        } catch (AssertionError e) {
            throw new AssertionError(counts + ": " + subject.sockets() + ", " + subject.connections(), e);
        }
    }

    private static void assertCancelled(Outcome<?> outcome) {
        assertThat(outcome).as("the outcome of a cancelled operation").isInstanceOf(Outcome.Cancellation.class);
    }

    /** An operation that stays in a phase until something is done about it. */
    private final class Held implements AutoCloseable {
        private final Stage stage;
        private final List<Running> inFront = new ArrayList<>();

        Held(Phase phase) throws Exception {
            boolean atPool = phase == Phase.WAITING_FOR_THE_POOL;
            stage = subject.stage(atPool ? Phase.WAITING_FOR_THE_ANSWER : phase);
            for (int i = 0; atPool && i < subject.pool().size(); i++) {
                inFront.add(Running.start(stage::operate));
            }
            Until.isTrue("the pool is busy", limit(), () -> stage.reached() == inFront.size());
        }

        /** How many are in the phase, or have been. */
        int reached() throws Exception {
            return inFront.isEmpty() ? stage.reached() : subject.pool().waiting();
        }

        void awaitReached(int operations) {
            Until.isTrue(operations + " are in the phase", limit(), () -> reached() == operations);
        }

        void awaitGone(int operations) throws Exception {
            if (inFront.isEmpty() && stage.gone().isPresent()) {
                Until.isTrue(
                        "the peer sees the end", limit(), () -> stage.gone().getAsInt() == operations);
            }
        }

        /** Those that have kept the pool busy are as good as any other. */
        @Override
        public void close() throws IOException {
            stage.release();
            for (Running one : inFront) {
                assertThat(one.outcome(limit())).isEqualTo(new Outcome.Success<>(null));
            }
            stage.close();
        }
    }

    @ParameterizedTest
    @MethodSource("phases")
    void a_cancel_ends_an_operation_in_each_phase(Phase phase) throws Exception {
        try (Held held = new Held(phase)) {
            Running running = Running.start(held.stage::operate);
            held.awaitReached(1);

            running.cancel();

            assertCancelled(running.outcome(limit()));
            held.awaitGone(1);
        }
        assertThatAllIsWell();
    }

    @ParameterizedTest
    @MethodSource("phases")
    void a_deadline_ends_an_operation_in_each_phase(Phase phase) throws Exception {
        // A deadline that comes before the phase does proves nothing: then there is another with twice the time.
        boolean reached = false;
        for (Duration time = Duration.ofMillis(50); !reached; time = time.multipliedBy(2)) {
            assertThat(time).as("time to reach the phase").isLessThan(limit().multipliedBy(2));
            try (Held held = new Held(phase)) {
                Duration timeout = time;
                Running running = Running.start(() -> Async.timeout(timeout, held.stage::operate));
                while (!reached && !running.isDone()) {
                    reached = held.reached() == 1;
                }
                Outcome<?> outcome = running.outcome(limit().plus(timeout));
                assertThat(outcome).isInstanceOf(Outcome.Failure.class);
                assertThat(((Outcome.Failure<?>) outcome).exception()).isInstanceOf(TimeoutException.class);
            }
        }
        assertThatAllIsWell();
    }

    /**
     * An interrupt that is not ours is the exception of the foreign code that it meets. On a platform thread most of that
     * is deaf to it, such as the read of a socket; but tasks are not.
     */
    @ParameterizedTest
    @MethodSource("phases")
    void an_interrupt_from_outside_ends_an_operation_in_each_phase(Phase phase) throws Exception {
        Throwable thrown = thrownByInterrupted(Thread.ofVirtual(), phase, held -> Async.run(held.stage::operate));
        assertThat(thrown instanceof CancellationException || Interruption.isBehind(thrown))
                .as(thrown.toString())
                .isTrue();

        thrown = thrownByInterrupted(Thread.ofPlatform(), phase, held -> {
            try {
                Async.gather(held.stage::operate);
            } finally {
                assertThat(Thread.currentThread().isInterrupted())
                        .as("the flag is set again")
                        .isTrue();
            }
        });
        assertThat(thrown).isInstanceOf(CancellationException.class);
    }

    private interface OnHeld {
        void run(Held held) throws Exception;
    }

    private Throwable thrownByInterrupted(Thread.Builder kind, Phase phase, OnHeld operation) throws Exception {
        CompletableFuture<Throwable> thrown = new CompletableFuture<>();
        try (Held held = new Held(phase)) {
            Thread outside = kind.start(() -> {
                try {
                    operation.run(held);
                    thrown.completeExceptionally(new AssertionError("it went through"));
                } catch (Throwable e) {
                    thrown.complete(e);
                }
            });
            held.awaitReached(1);

            outside.interrupt();

            thrown.get(limit().toNanos(), TimeUnit.NANOSECONDS);
            outside.join();
        }
        assertThatAllIsWell();
        return thrown.join();
    }

    @ParameterizedTest
    @MethodSource("phases")
    void all_operations_of_a_pool_can_be_cancelled_at_once(Phase phase) throws Exception {
        try (Held held = new Held(phase)) {
            List<Running> all = new ArrayList<>();
            for (int i = 0; i < subject.pool().size(); i++) {
                all.add(Running.start(held.stage::operate));
                held.awaitReached(subject.goesAloneThrough(phase) ? 1 : i + 1);
                int begun = phase == Phase.WAITING_FOR_THE_POOL ? subject.pool().size() : i + 1;
                Until.isTrue(
                        "it is under way",
                        limit(),
                        () -> subject.pool().free() == subject.pool().size() - begun);
            }

            all.forEach(Running::cancel);

            for (Running one : all) {
                assertCancelled(one.outcome(limit()));
            }
        }
        assertThatAllIsWell();
    }

    @ParameterizedTest
    @MethodSource("phasesAtThePeer")
    void a_cancelled_operation_disturbs_no_other(Phase phase) throws Exception {
        try (Held held = new Held(phase);
                Held other = new Held(Phase.WAITING_FOR_THE_ANSWER)) {
            Running neighbour = Running.start(other.stage::operate);
            other.awaitReached(1);
            Running running = Running.start(held.stage::operate);
            held.awaitReached(1);

            running.cancel();

            assertCancelled(running.outcome(limit()));
            Running next = Running.start(subject::operate);
            assertThat(next.outcome(limit())).isEqualTo(new Outcome.Success<>(null));
            assertThat(neighbour.isDone()).as("the neighbour has ended").isFalse();
            other.stage.release();
            assertThat(neighbour.outcome(limit())).isEqualTo(new Outcome.Success<>(null));
        }
        assertThatAllIsWell();
    }

    @ParameterizedTest
    @MethodSource("phases")
    void a_cancelled_task_meets_its_cancellation_again_and_cleans_up_with_the_same_adapter(Phase phase)
            throws Exception {
        CountDownLatch caught = new CountDownLatch(1);
        AtomicBoolean cleanedUp = new AtomicBoolean();
        try (Held held = new Held(phase)) {
            Running running = Running.start(() -> {
                try {
                    held.stage.operate();
                } catch (Cancelled first) {
                    caught.countDown();
                    Async.shield(HOUR, subject::operate);
                    cleanedUp.set(true);
                    assertThatThrownBy(Async::checkpoint).isInstanceOf(Cancelled.class);
                    assertThatThrownBy(subject::operate).isInstanceOf(Cancelled.class);
                    throw first;
                }
            });
            held.awaitReached(1);
            running.cancel();
            assertThat(caught.await(limit().toNanos(), TimeUnit.NANOSECONDS)).isTrue();
            held.stage.release(); // where the pool is busy, clean-up needs a place in it too

            assertCancelled(running.outcome(limit()));
            assertThat(cleanedUp).isTrue();
        }
        assertThatAllIsWell();
    }

    @Test
    void an_operation_of_a_cancelled_task_does_not_begin() throws Exception {
        long sockets = subject.sockets();

        Running running = Running.start(() -> {
            Async.currentTask().cancel();
            subject.operate();
        });

        assertCancelled(running.outcome(limit()));
        assertThat(subject.sockets()).isEqualTo(sockets);
        assertThatAllIsWell();
    }

    @Test
    void a_time_of_zero_does_not_begin_an_operation() throws Exception {
        long sockets = subject.sockets();

        Running running = Running.start(() -> Async.timeout(Duration.ZERO, subject::operate));

        assertThat(((Outcome.Failure<?>) running.outcome(limit())).exception()).isInstanceOf(TimeoutException.class);
        assertThat(subject.sockets()).isEqualTo(sockets);
        assertThatAllIsWell();
    }

    @Test
    void a_cancel_after_the_end_changes_nothing() throws Exception {
        Running running = Running.start(() -> {
            subject.operate();
            Async.currentTask().cancel();
        });

        assertThat(running.outcome(limit())).isInstanceOf(Outcome.class);
        assertThatAllIsWell();
    }

    @Test
    void an_operation_works_on_a_thread_from_outside() throws Exception {
        subject.operate();

        assertThatAllIsWell();
    }

    @Test
    void cancels_at_random_moments_leave_the_pool_whole() throws Exception {
        Random random = seeded();
        double usual = timeOfAnOperation();
        for (int round = 0; round < 30; round++) {
            List<Running> all = new ArrayList<>();
            for (int i = 0; i < 2 * subject.pool().size(); i++) {
                all.add(Running.start(subject::operate));
            }
            for (Running one : all) {
                spin(usual * random.nextDouble() / 2);
                one.cancel();
            }
            for (Running one : all) {
                assertEndedOrCancelled(one.outcome(limit()));
            }
            assertThatThePoolIsWhole();
        }
        assertThatAllIsWell();
    }

    /** The cancel comes earlier after each success, and later after each cancellation: so most come close to the end. */
    @Test
    void a_cancel_that_races_with_the_end_leaves_the_pool_whole() throws Exception {
        race(300);

        assertThatAllIsWell();
    }

    @Test
    void a_cancel_that_races_with_the_end_never_hits_the_next_user_of_the_connection() throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        Running neighbour = Running.start(() -> {
            while (!over.get()) {
                subject.operate();
            }
        });
        try {
            race(300);
        } finally {
            over.set(true);
        }
        assertThat(neighbour.outcome(limit())).isEqualTo(new Outcome.Success<>(null));
        assertThatAllIsWell();
    }

    private void race(int rounds) throws Exception {
        Random random = seeded();
        double moment = timeOfAnOperation();
        for (int round = 0; round < rounds; round++) {
            Running one = Running.start(subject::operate);
            spin(moment * (0.9 + random.nextDouble() / 5));
            one.cancel();

            Outcome<?> outcome = one.outcome(limit());
            assertEndedOrCancelled(outcome);
            moment *= outcome.isSuccess() ? 0.95 : 1.05;
        }
    }

    private Random seeded() {
        long seed = Long.getLong("yibu.seed", System.nanoTime());
        System.out.println(getClass().getSimpleName() + ": -Dyibu.seed=" + seed);
        return new Random(seed);
    }

    private static void spin(double nanos) {
        long start = System.nanoTime();
        while (System.nanoTime() - start < nanos) {
            Thread.onSpinWait();
        }
    }

    private static void assertEndedOrCancelled(Outcome<?> outcome) {
        if (!outcome.isSuccess()) {
            assertCancelled(outcome);
        }
    }

    private double timeOfAnOperation() throws Exception {
        long fastest = Long.MAX_VALUE;
        for (int i = 0; i < 10; i++) {
            long start = System.nanoTime();
            Running.start(subject::operate).outcome(limit());
            fastest = Math.min(fastest, System.nanoTime() - start);
        }
        return fastest;
    }
}
