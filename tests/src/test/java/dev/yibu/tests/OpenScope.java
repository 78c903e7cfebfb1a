package dev.yibu.tests;

import dev.yibu.TaskGroup;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;

/** A task group that stays open, for test frameworks that create things inside it from their own threads. */
final class OpenScope implements AutoCloseable {
    /** What is done inside the scope. */
    interface Work<T> {
        T call(TaskGroup group) throws Exception;
    }

    private final BlockingQueue<FutureTask<?>> work = new LinkedBlockingQueue<>();
    private final FutureTask<?> end = new FutureTask<>(() -> null);
    private volatile TaskGroup group;
    private final Thread thread = Thread.ofVirtual().name("open scope").start(this::serve);

    private void serve() {
        TaskGroup.run(opened -> {
            group = opened;
            for (FutureTask<?> next = take(); next != end; next = take()) {
                next.run();
            }
            opened.cancel("the scope is closed");
        });
    }

    private FutureTask<?> take() {
        try {
            return work.take();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Calls something on the thread of the scope. */
    <T> T call(Work<T> todo) {
        Callable<T> inside = () -> todo.call(group);
        FutureTask<T> task = new FutureTask<>(inside);
        work.add(task);
        try {
            return task.get();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        work.add(end);
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
