package dev.yibu.sql;

import static dev.yibu.Async.moveOnAfter;
import static dev.yibu.Async.run;
import static dev.yibu.Async.sleep;
import static org.assertj.core.api.Assertions.assertThat;

import dev.yibu.Task;
import dev.yibu.TaskGroup;
import dev.yibu.testkit.Explore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;

/** Who is in, and who has what was handed over. Each under many schedules. */
class TurnstileTest {
    private static final int PLACES = 2;

    private final Turnstile<String> turnstile = new Turnstile<>(PLACES, "a turnstile");
    private final List<String> entered = new ArrayList<>();

    /** Goes in and out again, without handing on what was handed over. */
    private void visit(String name) {
        entered.add(name + turnstile.enter().map(thing -> " with " + thing).orElse(""));
        turnstile.leave();
    }

    private void takeAll() {
        for (int i = 0; i < PLACES; i++) {
            assertThat(turnstile.tryEnter()).isTrue();
        }
        assertThat(turnstile.tryEnter()).isFalse();
    }

    private void untilWaiting(int number) {
        while (turnstile.waiting() < number) {
            sleep(Duration.ofMillis(1));
        }
    }

    @AfterEach
    void all_places_are_free_again() {
        assertThat(turnstile.waiting()).isZero();
        takeAll();
    }

    @Explore(seeds = 200)
    void who_comes_first_gets_what_is_handed_over() {
        run(() -> TaskGroup.run(group -> {
            takeAll();
            group.start(() -> visit("first"));
            untilWaiting(1);
            group.start(() -> visit("second"));
            untilWaiting(2);

            assertThat(turnstile.leave("the thing")).isTrue();
            turnstile.leave();
        }));
        assertThat(entered).containsExactlyInAnyOrder("first with the thing", "second");
    }

    @Explore(seeds = 200)
    void nothing_is_handed_over_while_nobody_waits() {
        run(() -> {
            takeAll();
            assertThat(turnstile.leave("the thing")).isFalse();
            assertThat(turnstile.tryEnter()).as("it has not left").isFalse();
            turnstile.leave();
            assertThat(turnstile.enter()).isEmpty();
            turnstile.leave();
            turnstile.leave();
        });
    }

    @BetweenAccesses
    void what_is_handed_over_while_a_waiter_is_cancelled_goes_to_one_who_is_in_or_stays() {
        boolean[] kept = {false};
        run(() -> TaskGroup.run(group -> {
            takeAll();
            Task<?> doomed = group.start(() -> visit("doomed"));
            untilWaiting(1);
            group.start("giver", () -> {
                if (!turnstile.leave("the thing")) {
                    kept[0] = true;
                    turnstile.leave();
                }
                turnstile.leave();
            });
            group.start("canceller", () -> doomed.cancel("enough"));
        }));
        assertThat(entered.contains("doomed with the thing")).isEqualTo(!kept[0]);
    }

    @BetweenAccesses
    void who_is_cancelled_leaves_its_turn_to_the_next() {
        run(() -> TaskGroup.run(group -> {
            takeAll();
            Task<?> doomed = group.start(() -> visit("doomed"));
            untilWaiting(1);
            group.start(() -> visit("next"));
            untilWaiting(2);
            group.start("canceller", () -> doomed.cancel("enough"));
            group.start("giver", () -> {
                turnstile.leave();
                turnstile.leave();
            });
        }));
        assertThat(entered).contains("next");
    }

    @BetweenAccesses
    void a_deadline_at_the_moment_of_the_handing_over_loses_nothing() {
        Duration second = Duration.ofSeconds(1);
        boolean[] handed = {false};
        run(() -> TaskGroup.run(group -> {
            takeAll();
            group.start("waiter", () -> {
                moveOnAfter(second, () -> visit("waiter"));
            });
            group.start("giver", () -> {
                sleep(second);
                handed[0] = turnstile.leave("the thing");
                if (!handed[0]) {
                    turnstile.leave();
                }
                turnstile.leave();
            });
        }));
        assertThat(entered.contains("waiter with the thing")).isEqualTo(handed[0]);
    }
}
