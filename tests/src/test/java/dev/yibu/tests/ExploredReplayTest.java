package dev.yibu.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.yibu.Action;
import dev.yibu.testkit.Exploration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The same schedule does the same to the byte, however often, and whatever else goes on in the process. */
@Timeout(120)
class ExploredReplayTest {
    private static final Logger LOG = Logger.getLogger("dev.yibu");
    private static final List<String> SCHEDULES = List.of("random/17", "priorities/4/3/60", "random/23@7");
    private static final int TIMES = 1_000;

    static {
        LOG.setLevel(Level.OFF);
    }

    /** The different traces of a program under one schedule. */
    private static Set<String> traces(Action<?> program, String schedule) {
        Exploration exploration = Exploration.of(program).everywhere(true);
        Set<String> traces = new HashSet<>();
        for (int i = 0; i < TIMES; i++) {
            traces.add(exploration.trace(schedule));
        }
        return traces;
    }

    @Test
    void the_trace_of_a_schedule_is_the_same_each_time() {
        ExploredPrograms.all()
                .forEach((name, program) -> SCHEDULES.forEach(schedule -> assertThat(traces(program, schedule))
                        .as(name + " under " + schedule)
                        .hasSize(1)));
    }

    @Test
    void explorations_beside_each_other_leave_each_others_traces_alone() throws InterruptedException {
        Map<String, Set<String>> traces = new ConcurrentHashMap<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            threads.add(Thread.ofPlatform()
                    .start(() -> ExploredPrograms.all()
                            .forEach((name, program) -> SCHEDULES.forEach(schedule -> traces.computeIfAbsent(
                                            name + " under " + schedule, _ -> ConcurrentHashMap.newKeySet())
                                    .addAll(traces(program, schedule))))));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(traces)
                .hasSize(ExploredPrograms.all().size() * SCHEDULES.size())
                .allSatisfy((_, different) -> assertThat(different).hasSize(1));
    }
}
