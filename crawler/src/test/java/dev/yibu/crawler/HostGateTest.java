package dev.yibu.crawler;

import static dev.yibu.Async.clock;
import static dev.yibu.Async.forEach;
import static dev.yibu.Async.gather;
import static dev.yibu.Async.run;
import static dev.yibu.Async.sleep;
import static dev.yibu.Async.timeout;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.TimeoutException;
import dev.yibu.testkit.Explore;
import dev.yibu.testkit.VirtualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** How fast a host is asked; in virtual time. */
class HostGateTest {
    private static final List<Integer> TEN = IntStream.range(0, 10).boxed().toList();
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final List<Instant> starts = new ArrayList<>();
    private final List<Instant> ends = new ArrayList<>();
    private int underWay;
    private int most;

    private static HostGate gate(int perHost, Duration delay) {
        return new HostGate("here.example", perHost, delay, HostGate.OPEN);
    }

    private void request(HostGate gate, Duration time) {
        pass(gate, () -> {
            starts.add(clock().instant());
            most = Math.max(most, ++underWay);
            sleep(time);
            underWay--;
            ends.add(clock().instant());
        });
    }

    private static void pass(HostGate gate, Runnable request) {
        try {
            gate.<Integer, RuntimeException>pass(() -> {
                request.run();
                return 0;
            });
        } catch (HostGate.Closed e) {
            throw new IllegalStateException(e);
        }
    }

    @Explore(seeds = 50)
    void no_host_sees_more_requests_at_a_time_than_allowed() {
        run(() -> {
            HostGate gate = gate(3, Duration.ZERO);
            Instant begun = clock().instant();

            forEach(TEN, _ -> request(gate, SECOND));

            assertThat(most).isEqualTo(3);
            assertThat(Duration.between(begun, clock().instant())).isEqualTo(SECOND.multipliedBy(4));
        });
    }

    @Explore(seeds = 50)
    void a_delay_lies_between_the_end_of_a_request_and_the_start_of_the_next() {
        run(() -> {
            HostGate gate = gate(5, Duration.ofSeconds(2));

            forEach(TEN, _ -> request(gate, SECOND));

            assertThat(most).isEqualTo(1);
            for (int i = 1; i < starts.size(); i++) {
                assertThat(Duration.between(ends.get(i - 1), starts.get(i))).isEqualTo(Duration.ofSeconds(2));
            }
        });
    }

    @VirtualTime
    void a_gate_that_is_slowed_down_lets_those_under_way_end_and_then_one_at_a_time() {
        run(() -> {
            HostGate gate = gate(4, Duration.ZERO);
            assertThat(gate.capacity()).isEqualTo(4);
            gather(() -> forEach(TEN, _ -> request(gate, SECOND)), () -> {
                sleep(Duration.ofMillis(500));
                gate.slowDown(Duration.ofSeconds(5));
                gate.slowDown(Duration.ofSeconds(3)); // the longer one counts
            });

            assertThat(gate.capacity()).isEqualTo(1);
            assertThat(most).isEqualTo(4);
            for (int i = 4; i < starts.size(); i++) {
                assertThat(Duration.between(ends.get(i - 1), starts.get(i))).isEqualTo(Duration.ofSeconds(5));
            }
        });
    }

    @VirtualTime
    void a_host_that_asks_to_be_left_alone_is_left_alone_by_all() {
        run(() -> {
            HostGate gate = gate(10, Duration.ZERO);
            Instant begun = clock().instant();
            gate.leaveAlone(Duration.ofSeconds(30));
            gate.leaveAlone(Duration.ofSeconds(10));

            forEach(TEN, _ -> request(gate, Duration.ZERO));

            assertThat(starts).allMatch(start -> Duration.between(begun, start).equals(Duration.ofSeconds(30)));
        });
    }

    @VirtualTime
    void nobody_waits_for_a_host_that_asks_for_more_than_anybody_waits_but_for_a_usual_pause() {
        run(() -> {
            Duration tenMinutes = Duration.ofMinutes(10);
            HostGate gate = gate(3, Duration.ZERO);
            gate.leaveAlone(tenMinutes);
            assertThatThrownBy(() -> request(gate, SECOND)).hasCauseInstanceOf(HostGate.Closed.class);
            sleep(tenMinutes.minusSeconds(60));
            request(gate, SECOND);

            HostGate slow = gate(1, tenMinutes);
            request(slow, SECOND);
            request(slow, SECOND);
            assertThat(starts).hasSize(3);
        });
    }

    @VirtualTime
    void who_gives_up_waiting_takes_no_place() {
        run(() -> {
            HostGate gate = gate(1, Duration.ofSeconds(100));
            request(gate, SECOND);
            assertThatThrownBy(() -> timeout(SECOND, () -> request(gate, SECOND)))
                    .isInstanceOf(TimeoutException.class);
            request(gate, SECOND);
            assertThat(starts).hasSize(2);
            assertThat(Duration.between(ends.get(0), starts.get(1))).isEqualTo(Duration.ofSeconds(100));
        });
    }

    @VirtualTime
    void a_failed_request_is_followed_by_the_delay_too() {
        run(() -> {
            HostGate gate = gate(1, SECOND);
            assertThatThrownBy(() -> pass(gate, () -> {
                        throw new IllegalStateException("reset");
                    }))
                    .hasMessage("reset");
            Instant failed = clock().instant();
            request(gate, SECOND);
            assertThat(Duration.between(failed, starts.getFirst())).isEqualTo(SECOND);
        });
    }

    /** What a store keeps of a host for all crawlers. */
    private static final class Shared implements HostGate.Door {
        private static final Duration MOST = Duration.ofSeconds(60);

        private Instant free = Instant.MIN;

        @Override
        public Duration enter() {
            Instant now = clock().instant();
            if (free.isAfter(now)) {
                return Duration.between(now, free);
            }
            free = now.plus(MOST);
            return Duration.ZERO;
        }

        @Override
        public void leave(Duration delay) {
            free = clock().instant().plus(delay);
        }
    }

    @Explore(seeds = 50)
    void crawlers_with_one_door_make_one_request_at_a_time_with_the_delay_between_them() {
        run(() -> {
            Shared door = new Shared();
            HostGate one = new HostGate("here.example", 5, SECOND, door);
            HostGate other = new HostGate("here.example", 5, SECOND, door);

            forEach(TEN, i -> request(i % 2 == 0 ? one : other, Duration.ofSeconds(3)));

            assertThat(most).isEqualTo(1);
            for (int i = 1; i < starts.size(); i++) {
                assertThat(Duration.between(ends.get(i - 1), starts.get(i)))
                        .isBetween(SECOND, SECOND.plusMillis(1_500));
            }
        });
    }

    @VirtualTime
    void a_door_that_somebody_has_not_left_who_died_opens_after_a_while() {
        run(() -> {
            Shared door = new Shared();
            door.enter();
            Instant begun = clock().instant();
            request(new HostGate("here.example", 1, SECOND, door), Duration.ZERO);
            assertThat(Duration.between(begun, starts.getFirst())).isEqualTo(Shared.MOST);
        });
    }

    @VirtualTime
    void a_cancelled_request_leaves_the_door_to_others() {
        run(() -> {
            Shared door = new Shared();
            HostGate gate = new HostGate("here.example", 1, SECOND, door);
            assertThatThrownBy(() -> timeout(SECOND, () -> request(gate, Duration.ofSeconds(30))))
                    .isInstanceOf(TimeoutException.class);
            Instant given = clock().instant();
            request(new HostGate("here.example", 1, SECOND, door), Duration.ZERO);
            assertThat(Duration.between(given, starts.getLast())).isLessThan(Duration.ofSeconds(3));
        });
    }

    @VirtualTime
    void pauses_after_failures_grow_and_are_random_and_retry_after_is_understood() {
        run(() -> {
            for (int attempt = 0; attempt < 10; attempt++) {
                long nominal = 250L << Math.min(attempt, 5);
                assertThat(Backoff.pauseAfter(attempt))
                        .isBetween(Duration.ofMillis(nominal / 2), Duration.ofMillis(nominal * 3 / 2));
            }
            Instant now = clock().instant();
            String inAMinute = java.time.format.DateTimeFormatter.RFC_1123_DATE_TIME.format(
                    now.plusSeconds(60).atOffset(java.time.ZoneOffset.UTC));
            assertThat(Backoff.retryAfter(" 120 ")).contains(Duration.ofSeconds(120));
            assertThat(Backoff.retryAfter(inAMinute).orElseThrow())
                    .isBetween(Duration.ofSeconds(59), Duration.ofSeconds(60));
            assertThat(Backoff.retryAfter("Wed, 21 Oct 1925 07:28:00 GMT")).contains(Duration.ZERO);
            assertThat(Backoff.retryAfter("soon")).isEmpty();
            assertThat(Backoff.retryAfter("-1")).isEmpty();
            assertThat(Backoff.retryAfter("99999999999999")).isEmpty();
            assertThat(Backoff.retryAfter("")).isEmpty();
        });
    }
}
