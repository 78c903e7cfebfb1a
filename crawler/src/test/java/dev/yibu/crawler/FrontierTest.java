package dev.yibu.crawler;

import static dev.yibu.Async.run;
import static org.assertj.core.api.Assertions.assertThat;

import dev.yibu.crawler.Target.Kind;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When a crawl is at its end, however its steps fall. */
@Timeout(60)
class FrontierTest {
    private static final String SITE = Addresses.site(URI.create("http://site.example/"));

    private static Target target(int number) {
        return new Target(number, URI.create("http://site.example/" + number), 0, Kind.PAGE, Validators.NONE);
    }

    /** Holds targets, and lets others act where a frontier asks whether there are any. */
    private static final class Held implements Storage {
        final Queue<Target> waiting = new ArrayDeque<>();
        Runnable meanwhile = () -> {};

        @Override
        public List<Target> take(String site, int most) {
            List<Target> taken = new ArrayList<>(waiting);
            waiting.clear();
            return taken;
        }

        @Override
        public boolean othersAreAtWork() {
            Runnable acts = meanwhile;
            meanwhile = () -> {};
            acts.run();
            return false;
        }

        @Override
        public Optional<CrawlStore.Contents> contents() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void clear() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Standing begin(Plan plan, List<Discovered> seeds) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Settled settle(Visit visit) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Page known(Target target) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Duration enter(String site, Duration most) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void leave(String site, Duration delay) {}

        @Override
        public void renew() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Tally tally() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Pages pages(long after) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void end() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {
            throw new UnsupportedOperationException();
        }
    }

    @Test
    void what_the_last_target_brings_while_the_frontier_looks_for_others_at_work_is_not_left_waiting() {
        Held storage = new Held();
        storage.waiting.add(target(1));
        Frontier frontier = new Frontier(storage, List.of(SITE), 10, _ -> 1);
        run(() -> {
            assertThat(frontier.hasNext()).isTrue();
            Target first = frontier.next();
            storage.meanwhile = () -> {
                storage.waiting.add(target(2));
                frontier.settle(new Settled(first, null, 1));
            };

            // Nothing waits, one is under way: so it looks for others, and meanwhile that one is settled.
            assertThat(frontier.hasNext()).isTrue();
            Target second = frontier.next();
            assertThat(second).isEqualTo(target(2));
            frontier.settle(new Settled(second, null, 0));
            assertThat(frontier.hasNext()).isFalse();
        });
    }

    @Test
    void what_is_left_is_what_waits_what_is_here_and_what_is_under_way() {
        Held storage = new Held();
        for (int i = 1; i <= 3; i++) {
            storage.waiting.add(target(i));
        }
        Frontier frontier = new Frontier(storage, List.of(SITE), 10, _ -> 1);
        frontier.waiting(3);
        run(() -> {
            assertThat(frontier.left()).isEqualTo(3);
            assertThat(frontier.hasNext()).isTrue();
            assertThat(frontier.left()).isEqualTo(3);
            Target first = frontier.next();
            assertThat(frontier.left()).isEqualTo(3);
            frontier.settle(new Settled(first, null, 2));
            assertThat(frontier.left()).isEqualTo(4);
        });
    }
}
