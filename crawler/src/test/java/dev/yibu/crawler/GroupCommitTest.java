package dev.yibu.crawler;

import static dev.yibu.Async.forEach;
import static dev.yibu.Async.moveOnAfter;
import static dev.yibu.Async.run;
import static dev.yibu.Async.sleep;
import static org.assertj.core.api.Assertions.assertThat;

import dev.yibu.sync.Mutex;
import dev.yibu.testkit.Explore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

class GroupCommitTest {
    private static final Duration A_WHILE = Duration.ofMillis(10);

    @Explore(seeds = 300)
    void what_somebody_brought_who_gave_up_is_not_committed_later() {
        run(() -> {
            Set<Integer> gaveUp = new HashSet<>();
            List<Integer> committed = new ArrayList<>();
            GroupCommit<Integer, Integer> commits = new GroupCommit<>(10, Mutex.create("turn"), items -> {
                sleep(A_WHILE); // a cancellation here means that nothing has been done
                committed.addAll(items);
                return items;
            });
            moveOnAfter(
                    A_WHILE.dividedBy(2),
                    () -> forEach(List.of(1, 2, 3), item -> {
                        try {
                            commits.submit(item);
                        } finally {
                            gaveUp.add(item);
                        }
                    }));
            assertThat(gaveUp).hasSize(3);

            assertThat(commits.submit(4)).isEqualTo(4);

            assertThat(committed).containsExactly(4);
        });
    }

    @Explore(seeds = 100)
    void items_that_come_while_others_are_committed_are_committed_together() {
        run(() -> {
            List<Integer> sizes = new ArrayList<>();
            GroupCommit<Integer, Integer> commits = new GroupCommit<>(4, Mutex.create("turn"), items -> {
                sizes.add(items.size());
                sleep(A_WHILE);
                return items.stream().map(item -> item * 10).toList();
            });
            List<Integer> results = new ArrayList<>();
            forEach(List.of(1, 2, 3, 4, 5, 6, 7, 8), item -> results.add(commits.submit(item)));
            assertThat(results).containsExactlyInAnyOrder(10, 20, 30, 40, 50, 60, 70, 80);
            assertThat(sizes).allMatch(size -> size <= 4).hasSizeLessThan(8);
        });
    }
}
