package dev.yibu.lowlevel;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One wheel, with ticks of the test's choice, against a list that is searched from end to end. */
class TimerWheelStripeTest {
    /** A timer goes in under the lock of its stripe, which schedule() holds; a test has the stripe for itself. */
    private static final MethodHandle INSERT = method("insert", MethodType.methodType(void.class, Timer.class));

    private static final MethodHandle REMOVE = method("remove", MethodType.methodType(void.class, Timer.class));
    private static final MethodHandle NEXT = method("next", MethodType.methodType(long.class));

    private static MethodHandle method(String name, MethodType type) {
        try {
            return MethodHandles.privateLookupIn(TimerWheel.Stripe.class, MethodHandles.lookup())
                    .findVirtual(TimerWheel.Stripe.class, name, type);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    private static final class Entry extends Timer {
        @Override
        protected void expire() {}

        @Override
        public String toString() {
            return "due at " + tick;
        }
    }

    private final TimerWheel.Stripe stripe = new TimerWheel.Stripe();
    private final List<Entry> model = new ArrayList<>();
    private long now;

    private Entry insert(long tick) {
        Entry entry = new Entry();
        entry.stripe = stripe;
        entry.tick = Math.max(tick, now + 1);
        call(() -> {
            INSERT.invokeExact(stripe, (Timer) entry);
        });
        model.add(entry);
        return entry;
    }

    private void remove(Entry entry) {
        call(() -> {
            REMOVE.invokeExact(stripe, (Timer) entry);
        });
        model.remove(entry);
        assertThat(entry.stripe).isNull();
    }

    private long next() {
        long[] next = new long[1];
        call(() -> next[0] = (long) NEXT.invokeExact(stripe));
        return next[0];
    }

    private interface Call {
        void run() throws Throwable;
    }

    private static void call(Call call) {
        try {
            call.run();
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    /** Advances both, and compares. */
    private void advanceTo(long tick) {
        now = tick;
        List<Timer> due = new ArrayList<>();
        Timer previous = null;
        for (Timer timer = stripe.takeExpired(tick); timer != null; timer = timer.next) {
            due.add(timer);
            assertThat(timer.stripe).isNull();
            assertThat(previous == null || previous.tick <= timer.tick)
                    .as("%s before %s", previous, timer)
                    .isTrue();
            previous = timer;
        }
        List<Entry> expected = model.stream().filter(e -> e.tick <= tick).toList();
        assertThat(due).as("due at %d", tick).containsExactlyInAnyOrderElementsOf(expected);
        model.removeAll(expected);
        checkNext();
    }

    /** The wheel must wake in time for the first timer, and not for nothing. */
    private void checkNext() {
        long first = model.stream().mapToLong(e -> e.tick).min().orElse(Long.MAX_VALUE);
        long next = next();
        if (model.isEmpty()) {
            assertThat(next).isEqualTo(Long.MAX_VALUE);
        } else {
            assertThat(next)
                    .as("when it wakes for %d", first)
                    .isGreaterThan(now)
                    .isLessThanOrEqualTo(first);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 62, 63, 64, 65, 127, 128, 4_095, 4_096, 4_097, 262_143, 262_144, 16_777_216, 1L << 44})
    void a_timer_is_due_at_its_tick_and_not_one_before(long tick) {
        insert(tick);

        advanceTo(tick - 1);
        assertThat(model).hasSize(1);
        advanceTo(tick);
        assertThat(model).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 63, 64, 4_095, 4_096, 262_144, 1L << 30, (1L << 44) - 1})
    void a_timer_is_due_at_its_tick_from_any_start(long start) {
        advanceTo(start);
        for (long distance : new long[] {1, 2, 63, 64, 65, 4_096, 70_000}) {
            insert(start + distance);
        }
        for (long distance : new long[] {1, 2, 63, 64, 65, 4_096, 70_000}) {
            advanceTo(start + distance - 1);
            advanceTo(start + distance);
        }
        assertThat(model).isEmpty();
    }

    @Test
    void a_long_absence_expires_everything_in_order() {
        for (long tick : new long[] {900_000, 5, 70, 64, 4_097, 4_096, 300_000, 63, 1}) {
            insert(tick);
        }

        advanceTo(1_000_000);

        assertThat(model).isEmpty();
    }

    @Test
    void a_tick_that_is_over_is_due_at_the_next_one() {
        advanceTo(1_000);
        insert(10);

        advanceTo(1_001);

        assertThat(model).isEmpty();
    }

    @Test
    void any_sequence_of_setting_cancelling_and_waiting_agrees_with_a_list() {
        long seed = System.nanoTime();
        System.out.println("TimerWheelStripeTest seed " + seed);
        Random random = new Random(seed);
        for (int run = 0; run < 10; run++) {
            for (int step = 0; step < 1_500; step++) {
                int choice = random.nextInt(10);
                if (choice < 5) {
                    insert(now + random.nextLong(1L << random.nextInt(1, 40)));
                    checkNext();
                } else if (choice < 7 && !model.isEmpty()) {
                    remove(model.get(random.nextInt(model.size())));
                    checkNext();
                } else if (choice == 7 && !model.isEmpty()) {
                    advanceTo(model.stream().mapToLong(e -> e.tick).min().orElseThrow());
                } else {
                    advanceTo(now + random.nextLong(1L << random.nextInt(1, 24)));
                }
            }
            advanceTo(now + (1L << 40));
            assertThat(model).isEmpty();
        }
    }
}
