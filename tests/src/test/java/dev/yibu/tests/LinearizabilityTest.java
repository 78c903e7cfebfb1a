package dev.yibu.tests;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.sync.Channel;
import dev.yibu.sync.ChannelClosedException;
import dev.yibu.sync.Queue;
import dev.yibu.sync.QueueShutdownException;
import dev.yibu.sync.Semaphore;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;
import org.jetbrains.kotlinx.lincheck.Actor;
import org.jetbrains.kotlinx.lincheck.execution.ExecutionScenario;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Options;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Short programs of a few platform threads, run by Lincheck: what their calls returned must be possible with one call
 * after the other, too, on a model that knows no threads. The programs of the random tests never wait; those that do are
 * written out, so that none of them can wait for ever. On the model, what would have to wait throws: that order is none.
 *
 * <p>Stress runs the programs on threads as they come. The exploration runs them on one thread at a time and chooses
 * where to switch, which finds what needs a switch at one certain place.
 */
@Timeout(value = 240, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LinearizabilityTest {
    private static final int CAPACITY = 2;
    private static final int PERMITS = 2;

    // ---------------------------------------------------------------- the tests

    private static final List<ExecutionScenario> CHANNEL_WAITS = List.of(
            program("send 1, send 2, send 3, send 4", "receive, receive, receive, receive"),
            program("send 1, send 2, send 3", "send 4, send 5", "receive, receive, receive, receive, receive"),
            program("receive, receive", "receive", "send 1, send 2, send 3"));

    private static final List<ExecutionScenario> SEMAPHORE_WAITS = List.of(
            program("acquire, acquire, release, release", "acquire, release, acquire, release"),
            program("acquire, release, available", "acquire, release, tryAcquire", "acquire, release, available"));

    private static final List<ExecutionScenario> QUEUE_WAITS = List.of(
            program("put 1, put 2, put 3, put 4", "get, get, get, get"),
            program("get, get", "get, taskDone", "put 1, put 2, put 3"));

    @Test
    void a_channel_is_linearizable_under_stress() {
        stress(ChannelModel.class, CHANNEL_WAITS).check(ChannelOperations.class);
    }

    @Test
    void a_channel_is_linearizable_wherever_threads_are_switched() {
        explored(ChannelModel.class, CHANNEL_WAITS).check(ChannelOperations.class);
    }

    @Test
    void a_semaphore_is_linearizable_under_stress() {
        stress(SemaphoreModel.class, SEMAPHORE_WAITS).check(SemaphoreOperations.class);
    }

    @Test
    void a_semaphore_is_linearizable_wherever_threads_are_switched() {
        explored(SemaphoreModel.class, SEMAPHORE_WAITS).check(SemaphoreOperations.class);
    }

    @Test
    void a_queue_is_linearizable_under_stress() {
        stress(QueueModel.class, QUEUE_WAITS).check(QueueOperations.class);
    }

    @Test
    void a_queue_is_linearizable_wherever_threads_are_switched() {
        explored(QueueModel.class, QUEUE_WAITS).check(QueueOperations.class);
    }

    @Test
    void what_is_not_linearizable_is_found() {
        assertThatThrownBy(() -> explored(SemaphoreModel.class, List.of()).check(TwoSteps.class))
                .hasMessageContaining("Invalid execution results");
    }

    private static StressOptions stress(Class<?> model, List<ExecutionScenario> waits) {
        return with(new StressOptions(), model, waits).iterations(10).invocationsPerIteration(150);
    }

    private static ModelCheckingOptions explored(Class<?> model, List<ExecutionScenario> waits) {
        return with(new ModelCheckingOptions(), model, waits).iterations(10).invocationsPerIteration(100);
    }

    private static <O extends Options<O, ?>> O with(O options, Class<?> model, List<ExecutionScenario> waits) {
        waits.forEach(options::addCustomScenario);
        return options.threads(2)
                .actorsPerThread(4)
                .actorsBefore(1)
                .actorsAfter(2)
                .sequentialSpecification(model);
    }

    // ---------------------------------------------------------------- channel

    /** What is run. */
    @Param(name = "item", gen = IntGen.class, conf = "1:3")
    public static class ChannelOperations {
        private final Channel<Integer> channel = Channel.buffered(CAPACITY);

        @Operation
        public String trySend(@Param(name = "item") int item) {
            try {
                return channel.trySend(item) ? "sent" : "full";
            } catch (ChannelClosedException e) {
                return "closed";
            }
        }

        @Operation
        public String tryReceive() {
            try {
                return channel.tryReceive().map(Object::toString).orElse("none");
            } catch (ChannelClosedException e) {
                return "closed";
            }
        }

        @Operation
        public void close() {
            channel.close();
        }

        @Operation
        public boolean isClosed() {
            return channel.isClosed();
        }

        @Operation
        public int buffered() {
            return channel.statistics().buffered();
        }

        public void send(int item) {
            channel.send(item);
        }

        public int receive() {
            return channel.receive();
        }
    }

    /** What it must look like. */
    public static class ChannelModel {
        private final Deque<Integer> items = new ArrayDeque<>();
        private boolean closed;

        public String trySend(int item) {
            if (closed) {
                return "closed";
            }
            return items.size() < CAPACITY && items.add(item) ? "sent" : "full";
        }

        public String tryReceive() {
            Integer item = items.poll();
            return item != null ? item.toString() : closed ? "closed" : "none";
        }

        public void close() {
            closed = true;
        }

        public boolean isClosed() {
            return closed;
        }

        public int buffered() {
            return items.size();
        }

        public void send(int item) {
            mustNotWait(trySend(item).equals("sent"));
        }

        public int receive() {
            mustNotWait(!items.isEmpty());
            return items.remove();
        }
    }

    // ---------------------------------------------------------------- semaphore

    /** What is run. */
    public static class SemaphoreOperations {
        private final Semaphore semaphore = Semaphore.bounded(PERMITS);

        @Operation
        public boolean tryAcquire() {
            return semaphore.tryAcquire();
        }

        @Operation
        public boolean tryRelease() {
            try {
                semaphore.release();
                return true;
            } catch (IllegalStateException e) {
                return false;
            }
        }

        @Operation
        public int available() {
            return semaphore.statistics().available();
        }

        public void acquire() {
            semaphore.acquire();
        }

        public void release() {
            semaphore.release();
        }
    }

    /** What it must look like. */
    public static class SemaphoreModel {
        private int free = PERMITS;

        public boolean tryAcquire() {
            if (free == 0) {
                return false;
            }
            free--;
            return true;
        }

        public boolean tryRelease() {
            if (free == PERMITS) {
                return false;
            }
            free++;
            return true;
        }

        public int available() {
            return free;
        }

        public void acquire() {
            mustNotWait(tryAcquire());
        }

        public void release() {
            tryRelease();
        }
    }

    /** A semaphore whose look and step are two things. */
    public static class TwoSteps {
        private volatile int free = PERMITS;

        @Operation
        public boolean tryAcquire() {
            int now = free;
            if (now == 0) {
                return false;
            }
            free = now - 1;
            return true;
        }

        @Operation
        public int available() {
            return free;
        }
    }

    // ---------------------------------------------------------------- queue

    /** What is run. */
    @Param(name = "item", gen = IntGen.class, conf = "1:3")
    public static class QueueOperations {
        private final Queue<Integer> queue = Queue.fifo(CAPACITY);

        @Operation
        public String tryPut(@Param(name = "item") int item) {
            try {
                return queue.tryPut(item) ? "put" : "full";
            } catch (QueueShutdownException e) {
                return "shut down";
            }
        }

        @Operation
        public String tryGet() {
            try {
                return queue.tryGet().map(Object::toString).orElse("none");
            } catch (QueueShutdownException e) {
                return "shut down";
            }
        }

        @Operation
        public String taskDone() {
            try {
                queue.taskDone();
                return "done";
            } catch (IllegalStateException e) {
                return "too often";
            }
        }

        @Operation
        public void shutdown() {
            queue.shutdown();
        }

        @Operation
        public void shutdownAtOnce() {
            queue.shutdown(true);
        }

        @Operation
        public String statistics() {
            Queue.Statistics now = queue.statistics();
            return now.size() + " in it, " + now.unfinished() + " unfinished";
        }

        public void put(int item) {
            queue.put(item);
        }

        public int get() {
            return queue.get();
        }
    }

    /** What it must look like. */
    public static class QueueModel {
        private final Deque<Integer> items = new ArrayDeque<>();
        private int unfinished;
        private boolean isShutdown;

        public String tryPut(int item) {
            if (isShutdown) {
                return "shut down";
            }
            if (items.size() == CAPACITY) {
                return "full";
            }
            items.add(item);
            unfinished++;
            return "put";
        }

        public String tryGet() {
            Integer item = items.poll();
            return item != null ? item.toString() : isShutdown ? "shut down" : "none";
        }

        public String taskDone() {
            if (unfinished == 0) {
                return "too often";
            }
            unfinished--;
            return "done";
        }

        public void shutdown() {
            isShutdown = true;
        }

        public void shutdownAtOnce() {
            isShutdown = true;
            unfinished -= Math.min(items.size(), unfinished);
            items.clear();
        }

        public String statistics() {
            return items.size() + " in it, " + unfinished + " unfinished";
        }

        public void put(int item) {
            mustNotWait(tryPut(item).equals("put"));
        }

        public int get() {
            mustNotWait(!items.isEmpty());
            return items.remove();
        }
    }

    private static void mustNotWait(boolean isPossible) {
        if (!isPossible) {
            throw new IllegalStateException("it would have to wait");
        }
    }

    // ---------------------------------------------------------------- programs

    /** A program with a thread for each text, such as {@code "put 1, get"}. */
    private static ExecutionScenario program(String... threads) {
        List<List<Actor>> calls = Arrays.stream(threads)
                .map(thread -> Arrays.stream(thread.split(", "))
                        .map(LinearizabilityTest::call)
                        .toList())
                .toList();
        return new ExecutionScenario(List.of(), calls, List.of(), null);
    }

    private static Actor call(String text) {
        String[] words = text.split(" ");
        List<Integer> arguments =
                Arrays.stream(words).skip(1).map(Integer::valueOf).toList();
        return Stream.of(ChannelOperations.class, SemaphoreOperations.class, QueueOperations.class)
                .flatMap(operations -> Arrays.stream(operations.getMethods()))
                .filter(method -> method.getName().equals(words[0]))
                .findFirst()
                .map(method -> new Actor(method, arguments))
                .orElseThrow();
    }
}
