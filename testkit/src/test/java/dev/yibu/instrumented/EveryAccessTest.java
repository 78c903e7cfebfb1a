package dev.yibu.instrumented;

import static dev.yibu.Async.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.testkit.engine.EventConditions.event;
import static org.junit.platform.testkit.engine.EventConditions.finishedWithFailure;
import static org.junit.platform.testkit.engine.TestExecutionResultConditions.message;

import dev.yibu.lowlevel.SpinLock;
import dev.yibu.testkit.Explore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;

/** Preemption between any two accesses of instrumented classes. */
class EveryAccessTest {

    private static Events execute(Class<?> tests) {
        return EngineTestKit.engine("junit-jupiter")
                .selectors(selectClass(tests))
                .execute()
                .testEvents();
    }

    private static final class Counter {
        private int plain;
        private final AtomicInteger atomic = new AtomicInteger();
        private final ReentrantLock lock = new ReentrantLock();
        private final SpinLock spinLock = new SpinLock();

        void increment() {
            plain++;
        }

        void incrementInLock() {
            lock.lock();
            try {
                plain++;
            } finally {
                lock.unlock();
            }
        }

        void incrementInSpinLock() {
            spinLock.lock();
            try {
                plain++;
            } finally {
                spinLock.unlock();
            }
        }

        void incrementInMonitor() {
            synchronized (lock) {
                plain++;
            }
        }

        void getAndSet() {
            int before = atomic.get();
            atomic.set(before + 1);
        }
    }

    static class Broken {
        @Explore(seeds = 200, everyAccessOf = "dev.yibu.instrumented")
        void a_plain_counter_loses_an_update() {
            Counter counter = new Counter();
            run(() -> gather(counter::increment, counter::increment));
            assertThat(counter.plain).isEqualTo(2);
        }

        @Explore(seeds = 200, everyAccessOf = "dev.yibu.instrumented")
        void an_atomic_that_is_read_and_set_loses_an_update() {
            Counter counter = new Counter();
            run(() -> gather(counter::getAndSet, counter::getAndSet));
            assertThat(counter.atomic).hasValue(2);
        }
    }

    static class Right {
        @Explore(everyAccessOf = "dev.yibu.instrumented")
        void a_counter_in_a_lock_loses_nothing() {
            Counter counter = new Counter();
            run(() -> gather(counter::incrementInLock, counter::incrementInLock));
            assertThat(counter.plain).isEqualTo(2);
        }

        /** Regression: who spun in a package that is not instrumented never made way for the owner of the lock. */
        @Explore(everyAccessOf = "dev.yibu.instrumented")
        void a_counter_in_a_spin_lock_loses_nothing() {
            Counter counter = new Counter();
            run(() -> gather(counter::incrementInSpinLock, counter::incrementInSpinLock));
            assertThat(counter.plain).isEqualTo(2);
        }

        @Explore(seeds = 200)
        void without_instrumentation_nothing_comes_in_between() {
            Counter counter = new Counter();
            run(() -> gather(counter::increment, counter::increment));
            assertThat(counter.plain).isEqualTo(2);
        }
    }

    @Test
    void what_shares_plain_fields_or_splits_an_atomic_update_is_found() {
        execute(Broken.class)
                .assertStatistics(stats -> stats.started(2).failed(2))
                .assertThatEvents()
                .haveExactly(
                        2, event(finishedWithFailure(message(text -> text.contains("replay: @Replay(\"random/")))));
    }

    @Test
    void what_is_guarded_by_a_lock_is_not_disturbed() {
        execute(Right.class).assertStatistics(stats -> stats.started(3).succeeded(3));
    }
}
