package dev.yibu.benchmarks;

import com.softwaremill.jox.structured.Fork;
import com.softwaremill.jox.structured.Par;
import com.softwaremill.jox.structured.Race;
import com.softwaremill.jox.structured.Scopes;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeoutException;

/** Jox's structured concurrency. */
final class JoxTasks {
    private JoxTasks() {}

    static List<Integer> gather(List<Integer> items) throws InterruptedException {
        List<Callable<Integer>> calls = new ArrayList<>(items.size());
        for (Integer item : items) {
            calls.add(() -> Work.of(item));
        }
        return Par.par(calls);
    }

    static List<Integer> group(List<Integer> items) throws InterruptedException {
        return Scopes.supervised(scope -> {
            List<Fork<Integer>> forks = new ArrayList<>(items.size());
            for (Integer item : items) {
                forks.add(scope.fork(() -> Work.of(item)));
            }
            List<Integer> results = new ArrayList<>(items.size());
            for (Fork<Integer> fork : forks) {
                results.add(fork.join());
            }
            return results;
        });
    }

    static Integer timeout(Integer item) throws InterruptedException, TimeoutException {
        return Race.timeout(Work.TWO_HOURS.toMillis(), () -> Work.of(item));
    }
}
