package bookings;

import static dev.yibu.Async.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.TimeoutException;
import dev.yibu.testkit.CancelEverywhere;
import dev.yibu.testkit.Exploration;
import dev.yibu.testkit.Explore;
import dev.yibu.testkit.Flaky;
import dev.yibu.testkit.ForeignLatch;
import dev.yibu.testkit.SimulationFailure;
import dev.yibu.testkit.Tracked;
import dev.yibu.testkit.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BoxOfficeTest {
    /** A service that takes between no time and 5 s, by the seed. */
    private static final Payments SLOW = customer -> {
        try (Tracked _ = Tracked.open("connection of " + customer)) {
            sleep(Duration.ofSeconds(random().nextInt(6)));
        }
    };

    private BoxOffice office = new BoxOffice(SLOW);

    @Explore
    @CancelEverywhere(schedules = 10)
    void a_seat_is_sold_once_however_many_want_it() throws IOException {
        List<Boolean> sold =
                run(() -> gather(List.of("Ada", "Grace", "Barbara"), customer -> office.sell("7F", customer)));

        assertThat(sold).containsOnlyOnce(true);
        assertThat(office.owner("7F")).isPresent();
    }

    /** Runs after the test above was cancelled somewhere, too. */
    @AfterEach
    void a_seat_without_a_sale_is_free_again() throws IOException {
        if (office.owner("7F").isEmpty()) {
            assertThat(office.sell("7F", "Margaret")).isTrue();
        }
    }

    @VirtualTime
    void a_payment_that_hangs_is_given_up_and_the_seat_is_free_again() {
        ForeignLatch answer = new ForeignLatch("the answer of the payment service");
        office = new BoxOffice(_ -> {
            try {
                answer.await();
            } catch (InterruptedException e) {
                throw new IOException("interrupted", e);
            }
        });
        Instant start = clock().instant();

        assertThatThrownBy(() -> run(() -> office.sell("7F", "Ada"))).isInstanceOf(TimeoutException.class);

        assertThat(Duration.between(start, clock().instant())).isEqualTo(Duration.ofSeconds(20));
        assertThat(office.owner("7F")).isEmpty();
        office = new BoxOffice(SLOW);
    }

    @VirtualTime
    void a_payment_that_fails_leaves_the_seat_to_the_next() throws IOException {
        Flaky<String, IOException> charge = Flaky.failing(1, () -> new IOException("service down"), () -> "paid");
        office = new BoxOffice(_ -> charge.run());

        assertThatThrownBy(() -> office.sell("7F", "Ada")).isInstanceOf(IOException.class);
        assertThat(office.sell("7F", "Grace")).isTrue();
        assertThat(office.owner("7F")).contains("Grace");
    }

    @Test
    void the_hasty_office_sells_a_seat_twice_and_the_exploration_says_when() {
        Exploration exploration = Exploration.of(() -> {
            HastyBoxOffice hasty = new HastyBoxOffice(SLOW);
            List<Boolean> sold = run(() -> gather(List.of("Ada", "Grace"), customer -> hasty.sell("7F", customer)));
            assertThat(sold).containsOnlyOnce(true);
        });

        assertThatThrownBy(exploration::run)
                .isInstanceOf(SimulationFailure.class)
                .hasMessageContaining("replay: @Replay(\"random/");
    }
}
