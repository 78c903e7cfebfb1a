package dev.yibu.lowlevel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WaitQueueTest {
    private final WaitQueue<String> queue = new WaitQueue<>();

    private RunningStrand<String> waiter() {
        RunningStrand<String> running = RunningStrand.start(self -> {
            Suspension<String> suspension = new Suspension<>(self, queue);
            queue.add(suspension);
            return queue.await(suspension);
        });
        Eventually.waits(running.strand);
        return running;
    }

    private static Suspension<String> suspension() {
        return new Suspension<>(new Strand(Driver.real(), null, Context.EMPTY), "a test");
    }

    @Test
    void waiters_are_resumed_in_the_order_of_their_arrival() {
        List<RunningStrand<String>> waiters = List.of(waiter(), waiter(), waiter());
        assertThat(queue.size()).isEqualTo(3);
        assertThat(queue.strands())
                .containsExactly(waiters.get(0).strand, waiters.get(1).strand, waiters.get(2).strand);

        assertThat(queue.resumeFirst("a")).isTrue();
        assertThat(queue.resumeFirst("b")).isTrue();
        assertThat(queue.resumeFirst("c")).isTrue();

        assertThat(waiters).extracting(RunningStrand::value).containsExactly("a", "b", "c");
    }

    @Test
    void a_value_for_which_nobody_waits_stays_with_its_owner() {
        assertThat(queue.resumeFirst("nobody")).isFalse();
        assertThat(queue.resumeAll("nobody")).isZero();
        assertThat(queue.poll()).isNull();
    }

    @Test
    void all_are_resumed_at_once() {
        List<RunningStrand<String>> waiters = List.of(waiter(), waiter(), waiter());

        assertThat(queue.resumeAll("doors open")).isEqualTo(3);

        assertThat(waiters).extracting(RunningStrand::value).containsOnly("doors open");
        assertThat(queue.size()).isZero();
    }

    @Test
    void a_cancelled_waiter_leaves_the_queue_and_loses_nothing_for_the_others() {
        List<RunningStrand<String>> waiters = List.of(waiter(), waiter(), waiter());

        waiters.get(1).cancel();
        assertThat(waiters.get(1).failure()).isInstanceOf(CancellationException.class);

        assertThat(queue.strands()).containsExactly(waiters.get(0).strand, waiters.get(2).strand);
        assertThat(queue.resumeFirst("first")).isTrue();
        assertThat(queue.resumeFirst("second")).isTrue();
        assertThat(waiters.get(0).value()).isEqualTo("first");
        assertThat(waiters.get(2).value()).isEqualTo("second");
        assertThat(queue.size()).isZero();
    }

    @Test
    void who_was_resumed_by_somebody_else_is_passed_over() {
        Suspension<String> elsewhere = suspension();
        Suspension<String> next = suspension();
        queue.add(elsewhere);
        queue.add(next);
        elsewhere.resume("by another way");

        assertThat(queue.resumeFirst("value")).isTrue();

        assertThat(next.isPending()).isFalse();
        assertThat(queue.size()).isZero();
    }

    @Test
    void first_middle_and_last_can_be_taken_out() {
        List<Suspension<String>> five = List.of(suspension(), suspension(), suspension(), suspension(), suspension());
        five.forEach(queue::add);

        for (int index : new int[] {2, 0, 4}) {
            assertThat(queue.remove(five.get(index))).isTrue();
            assertThat(queue.remove(five.get(index))).as("a second time").isFalse();
        }

        assertThat(queue.size()).isEqualTo(2);
        assertThat(queue.poll()).isSameAs(five.get(1));
        assertThat(queue.poll()).isSameAs(five.get(3));
        assertThat(queue.poll()).isNull();
        queue.add(five.get(2));
        assertThat(queue.poll()).as("it may queue up again").isSameAs(five.get(2));
    }

    @Test
    void all_can_be_taken_out_at_once_in_the_order_of_their_arrival() {
        List<Suspension<String>> three = List.of(suspension(), suspension(), suspension());
        three.forEach(queue::add);

        assertThat(queue.pollAll()).containsExactlyElementsOf(three);

        assertThat(queue.size()).isZero();
        assertThat(three).allMatch(Suspension::isPending).noneMatch(queue::remove);
        assertThat(queue.pollAll()).isEmpty();
    }

    @Test
    void a_suspension_stands_in_one_queue() {
        Suspension<String> suspension = suspension();
        queue.add(suspension);

        assertThatIllegalStateException().isThrownBy(() -> queue.add(suspension));
        assertThatIllegalStateException().isThrownBy(() -> new WaitQueue<String>().add(suspension));
        assertThat(new WaitQueue<String>().remove(suspension)).isFalse();
        assertThat(queue.size()).isEqualTo(1);
    }

    /** Givers hand out numbers, takers wait for them and are cancelled at random: each number arrives once. */
    @Test
    void nothing_is_lost_or_delivered_twice_when_waiters_are_cancelled() {
        long seed = System.nanoTime();
        System.out.println("WaitQueueTest seed " + seed);
        Random random = new Random(seed);
        int values = 20_000;
        int takers = 8;
        WaitQueue<Integer> numbers = new WaitQueue<>();
        Set<Integer> received = ConcurrentHashMap.newKeySet();
        AtomicInteger duplicates = new AtomicInteger();
        CancelScope[] scopes = new CancelScope[takers];
        List<RunningStrand<Boolean>> running = new ArrayList<>();
        for (int i = 0; i < takers; i++) {
            int taker = i;
            running.add(RunningStrand.start(self -> {
                while (take(self, numbers, scope -> scopes[taker] = scope, received, duplicates)) {}
                return true;
            }));
        }
        Thread canceller = Thread.ofPlatform().daemon().start(() -> {
            Random own = new Random(seed + 1);
            while (received.size() < values) {
                CancelScope scope = scopes[own.nextInt(takers)];
                if (scope != null) {
                    scope.cancel(RunningStrand.REASON);
                }
                Threads.spin(own.nextInt(200));
            }
        });

        for (int number = 0; number < values; number++) {
            int next = number;
            Eventually.isTrue("somebody takes number " + next, () -> numbers.resumeFirst(next));
            Threads.spin(random.nextInt(50));
        }
        Eventually.isTrue("all have arrived", () -> received.size() == values);
        Eventually.isTrue("the canceller ends", () -> !canceller.isAlive());
        for (int i = 0; i < takers; i++) {
            Eventually.isTrue("a taker takes the end", () -> numbers.resumeFirst(-1));
        }

        running.forEach(RunningStrand::value);
        assertThat(duplicates).hasValue(0);
        assertThat(numbers.size()).isZero();
    }

    private interface Publish {
        void scope(CancelScope scope);
    }

    private static boolean take(
            Strand self, WaitQueue<Integer> numbers, Publish publish, Set<Integer> received, AtomicInteger duplicates) {
        CancelScope scope = new CancelScope(self) {};
        scope.enter();
        publish.scope(scope);
        Throwable thrown = null;
        boolean more = true;
        try {
            Suspension<Integer> suspension = new Suspension<>(self, numbers);
            numbers.add(suspension);
            int number = numbers.await(suspension);
            if (number < 0) {
                more = false;
            } else if (!received.add(number)) {
                duplicates.incrementAndGet();
            }
        } catch (Throwable t) {
            thrown = t;
        }
        scope.leave(thrown);
        return more;
    }
}
