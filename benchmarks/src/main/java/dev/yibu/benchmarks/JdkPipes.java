package dev.yibu.benchmarks;

import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;

/** What the JDK has for virtual threads that work together. */
final class JdkPipes {
    private JdkPipes() {}

    static Pipe arrayBlockingQueue(int capacity) {
        ArrayBlockingQueue<Integer> queue = new ArrayBlockingQueue<>(capacity);
        return new Pipe(
                count -> {
                    for (int i = 0; i < count; i++) {
                        queue.put(Pipe.item(i));
                    }
                },
                count -> {
                    long sum = 0;
                    for (int i = 0; i < count; i++) {
                        sum += queue.take();
                    }
                    return sum;
                });
    }

    static Pipe linkedBlockingQueue(int capacity) {
        LinkedBlockingQueue<Integer> queue = new LinkedBlockingQueue<>(capacity);
        return new Pipe(
                count -> {
                    for (int i = 0; i < count; i++) {
                        queue.put(Pipe.item(i));
                    }
                },
                count -> {
                    long sum = 0;
                    for (int i = 0; i < count; i++) {
                        sum += queue.take();
                    }
                    return sum;
                });
    }

    static Pipe synchronousQueue() {
        SynchronousQueue<Integer> queue = new SynchronousQueue<>();
        return new Pipe(
                count -> {
                    for (int i = 0; i < count; i++) {
                        queue.put(Pipe.item(i));
                    }
                },
                count -> {
                    long sum = 0;
                    for (int i = 0; i < count; i++) {
                        sum += queue.take();
                    }
                    return sum;
                });
    }

    /** In step: the giver goes on when the taker asks for more. */
    static Pipe parkAndUnpark() {
        Step step = new Step();
        return new Pipe(
                count -> {
                    step.giver = Thread.currentThread();
                    for (int i = 0; i < count; i++) {
                        while (!step.asked) {
                            LockSupport.park(step);
                        }
                        step.asked = false;
                        step.item = Pipe.item(i);
                        LockSupport.unpark(step.taker);
                    }
                },
                count -> {
                    step.taker = Thread.currentThread();
                    long sum = 0;
                    for (int i = 0; i < count; i++) {
                        step.item = null;
                        step.asked = true;
                        LockSupport.unpark(step.giver);
                        Integer item;
                        while ((item = step.item) == null) {
                            LockSupport.park(step);
                        }
                        sum += item;
                    }
                    return sum;
                });
    }

    private static final class Step {
        volatile Thread giver;
        volatile Thread taker;
        volatile Integer item;
        volatile boolean asked;
    }

    static Pipe queuePingPong() {
        SynchronousQueue<Integer> there = new SynchronousQueue<>();
        SynchronousQueue<Integer> back = new SynchronousQueue<>();
        return Pipe.pingPong(there::put, there::take, back::put, back::take);
    }

    static Pipe parkPingPong() {
        Post there = new Post();
        Post back = new Post();
        return Pipe.pingPong(there::put, there::take, back::put, back::take);
    }

    /** Holds an item for the one thread that takes from it; the protocol of its users keeps it from being overwritten. */
    private static final class Post {
        private volatile Integer item;
        private volatile Thread taker;

        void put(Integer item) {
            this.item = item;
            LockSupport.unpark(taker);
        }

        Integer take() {
            taker = Thread.currentThread();
            Integer taken;
            while ((taken = item) == null) {
                LockSupport.park(this);
            }
            item = null;
            return taken;
        }
    }

    // ---------------------------------------------------------------- a thread for each item

    /** All threads start at once, and so many at a time work. */
    static List<Integer> threadEach(List<Integer> items, int limit, UnaryOperator<Integer> work) {
        Semaphore permits = new Semaphore(limit);
        return RawThreads.gather(items, item -> {
            permits.acquireUninterruptibly();
            try {
                return work.apply(item);
            } finally {
                permits.release();
            }
        });
    }

    // ---------------------------------------------------------------- what is free

    static void semaphore(int count) throws InterruptedException {
        Semaphore semaphore = new Semaphore(1);
        for (int i = 0; i < count; i++) {
            semaphore.acquire();
            semaphore.release();
        }
    }

    static void lock(int count) throws InterruptedException {
        ReentrantLock lock = new ReentrantLock();
        for (int i = 0; i < count; i++) {
            lock.lockInterruptibly();
            lock.unlock();
        }
    }
}
