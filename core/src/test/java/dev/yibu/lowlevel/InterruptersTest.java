package dev.yibu.lowlevel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.yibu.Async;
import dev.yibu.TimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.spi.AbstractInterruptibleChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * An interrupter is stuck in {@code Thread.interrupt} for as long as the interrupted thread reads an empty pipe through a
 * file channel (JDK-8321594).
 */
@DisabledOnOs(OS.WINDOWS)
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class InterruptersTest {
    private static final Duration LONG = Duration.ofHours(1);
    private static final Duration SHORT = Duration.ofMillis(5);

    @TempDir
    private Path folder;

    private interface Meanwhile {
        void run(RunningStrand<Boolean> reader) throws Exception;
    }

    private static RunningStrand<Boolean> reading(Fifo fifo) {
        RunningStrand<Boolean> reader = RunningStrand.start(self -> {
            fifo.read();
            return true;
        });
        Fifo.isRead(reader.thread);
        return reader;
    }

    private static long stuckInterrupters() {
        return Thread.getAllStackTraces().entrySet().stream()
                .filter(thread -> thread.getKey().getName().startsWith("yibu-interrupter-"))
                .filter(thread -> Arrays.stream(thread.getValue())
                        .anyMatch(frame -> frame.getMethodName().equals("signalAndWait")))
                .count();
    }

    /** Cancels a strand that reads an empty pipe, and lets it go on afterwards. */
    private void whileOneIsStuck(Meanwhile meanwhile) throws Exception {
        try (Fifo fifo = Fifo.in(folder)) {
            RunningStrand<Boolean> reader = reading(fifo);
            try {
                reader.cancel();
                Eventually.isTrue("the interrupter is stuck", () -> stuckInterrupters() == 1);
                meanwhile.run(reader);
                assertThat(stuckInterrupters()).as("it still is").isEqualTo(1);
                assertThat(reader.thread.isAlive()).isTrue();
            } finally {
                fifo.write();
            }
            assertThat(reader.failure())
                    .isInstanceOf(CancellationException.class)
                    .hasCauseInstanceOf(ClosedByInterruptException.class);
            Eventually.isTrue("the interrupter goes on", () -> stuckInterrupters() == 0);
            assertThat(reader.strand.reason()).isSameAs(RunningStrand.REASON);
        }
    }

    @Test
    void a_stuck_interrupter_delays_no_other_interrupt() throws Exception {
        whileOneIsStuck(_ -> {
            for (Hang hang : Hang.all().toList()) {
                try (hang) {
                    Hang.Call call = hang.open();
                    RunningStrand<Boolean> other = RunningStrand.start(self -> {
                        call.run();
                        return true;
                    });
                    Eventually.isTrue(hang + " has a thread", () -> other.strand.thread() != null);
                    other.cancel();
                    assertThat(other.failure()).as(hang.toString()).isInstanceOf(CancellationException.class);
                }
            }
        });
    }

    @Test
    void a_stuck_interrupter_delays_no_abort_hook() throws Exception {
        whileOneIsStuck(_ -> {
            CountDownLatch server = new CountDownLatch(1);
            CountDownLatch begun = new CountDownLatch(1);
            RunningStrand<Boolean> other = RunningStrand.start(self -> ForeignCall.named("query")
                    .onCancel(server::countDown, LONG)
                    .call(() -> {
                        begun.countDown();
                        server.await();
                        return true;
                    }));
            begun.await();
            other.cancel();
            assertThat(other.value()).isTrue();
        });
    }

    @Test
    void a_stuck_interrupter_delays_neither_timers_nor_the_one_who_cancelled() throws Exception {
        whileOneIsStuck(reader -> {
            RunningStrand<Boolean> other = RunningStrand.start(self -> {
                Async.sleep(SHORT);
                Async.timeout(SHORT, () -> Thread.sleep(LONG));
                return true;
            });
            assertThat(other.failure()).isInstanceOf(TimeoutException.class);
            assertThat(reader.cancel()).as("a second cancel").isFalse();
        });
    }

    /** A channel whose close, which is a part of the interrupt, takes as long as the test wants. */
    private static final class SlowlyInterrupted extends AbstractInterruptibleChannel {
        private final Thread user;
        private final List<String> events;

        SlowlyInterrupted(Thread user, List<String> events) {
            this.user = user;
            this.events = events;
        }

        void use(Runnable onceInUse) {
            begin();
            onceInUse.run();
            Eventually.isInterrupted();
        }

        @Override
        protected void implCloseChannel() {
            Eventually.isIn(user, Strand.class.getName(), "clearWindow");
            events.add("the interrupter ends");
        }
    }

    @Test
    void the_exit_of_a_scope_waits_for_an_interrupter_that_has_already_won() {
        List<String> events = new CopyOnWriteArrayList<>();
        RunningStrand<Boolean> running = RunningStrand.startOnPlatformThread(self -> {
            CancelScope scope = new CancelScope(self) {};
            scope.enter();
            Thread canceller = Thread.ofPlatform().daemon().unstarted(() -> scope.cancel(RunningStrand.REASON));
            new SlowlyInterrupted(Thread.currentThread(), events).use(canceller::start);
            scope.leave(null);
            events.add("the scope is left");
            Eventually.isTrue("the canceller ends", () -> !canceller.isAlive());
            return Thread.currentThread().isInterrupted();
        });

        assertThat(running.value()).as("a flag behind the scope").isFalse();
        assertThat(events).containsExactly("the interrupter ends", "the scope is left");
    }

    @Test
    void the_interrupt_after_the_grace_of_a_hook_is_waited_for_too() {
        List<String> events = new CopyOnWriteArrayList<>();
        RunningStrand<Boolean> running = RunningStrand.startOnPlatformThread(self -> {
            ForeignCall call = ForeignCall.named("query").onCancel(() -> events.add("the hook"), Duration.ZERO);
            CancelScope outer = new CancelScope(self) {};
            outer.enter();
            call.call(() -> {
                CancelScope inner = new CancelScope(self) {};
                inner.enter();
                Thread canceller = Thread.ofPlatform().daemon().unstarted(() -> outer.cancel(RunningStrand.REASON));
                new SlowlyInterrupted(Thread.currentThread(), events).use(canceller::start);
                inner.leave(null);
                events.add("the inner scope is left");
                return true;
            });
            Thread.interrupted();
            outer.leave(null);
            return self.reason() == null;
        });

        assertThat(running.value()).as("it was no interrupt from outside").isTrue();
        assertThat(events).containsExactly("the hook", "the interrupter ends", "the inner scope is left");
    }

    /** Nobody who looks at it may hang: listings, sweeps, and a second canceller. */
    @Test
    void a_strand_whose_interrupter_is_stuck_can_be_listed_and_cancelled_again() throws Exception {
        whileOneIsStuck(reader -> {
            assertThat(Async.allTasks())
                    .filteredOn(task -> task.id() == reader.strand.id())
                    .singleElement()
                    .satisfies(task -> assertThat(task.cancelled()).isTrue());
            reader.strand.deliver();
            assertThat(reader.strand.runsOnThoughCancelled()).isTrue();
        });
    }

    @Test
    void where_the_system_has_no_further_thread_a_virtual_one_does_the_work_and_the_canceller_goes_on()
            throws InterruptedException {
        Interrupters interrupters = new Interrupters(_ -> {
            throw new OutOfMemoryError("unable to create native thread");
        });
        CountDownLatch done = new CountDownLatch(1);
        List<Boolean> virtual = new CopyOnWriteArrayList<>();

        interrupters.run(() -> {
            virtual.add(Thread.currentThread().isVirtual());
            done.countDown();
        });
        done.await();

        assertThat(virtual).containsExactly(true);
    }
}
