package dev.yibu;

import static dev.yibu.Async.checkpoint;
import static dev.yibu.Async.run;
import static org.assertj.core.api.Assertions.assertThat;

import dev.yibu.lowlevel.Strand;
import dev.yibu.testkit.Explore;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** The library's own gate, which no part of the API has alone. */
@Explore(
        seeds = 2_000,
        everywhere = true,
        everyAccessOf = {"dev.yibu", "dev.yibu.lowlevel"})
class ExploredBatonTest {
    private final List<Strand> come = new ArrayList<>();
    private final List<String> served = new ArrayList<>();

    /** While the gate is closed two wait at it; the first one is cancelled while the gate is opened. */
    private void cancelTheFirst(Consumer<Strand> acquire, Runnable release) {
        acquire.accept(self());
        run(() -> TaskGroup.run(group -> {
            Task<?> first = group.start(() -> pass("first", acquire, release));
            group.start(() -> pass("second", acquire, release));
            while (come.size() < 2 || come.stream().anyMatch(strand -> strand.waitingFor() == null)) {
                checkpoint();
            }
            group.start(release::run);
            first.cancel("enough");
        }));
        acquire.accept(self());
        release.run();
        assertThat(served).contains("second");
    }

    private void pass(String who, Consumer<Strand> acquire, Runnable release) {
        come.add(self());
        acquire.accept(self());
        served.add(who);
        release.run();
    }

    private static Strand self() {
        return Objects.requireNonNull(Strand.current());
    }

    @Test
    void a_baton_that_is_released_while_one_who_waits_is_cancelled_goes_to_another() {
        Baton baton = new Baton("the baton");
        cancelTheFirst(baton::acquire, baton::release);
    }
}
