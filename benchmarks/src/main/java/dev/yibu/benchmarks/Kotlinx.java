package dev.yibu.benchmarks;

import dev.yibu.benchmarks.Pipe.Traffic;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import kotlin.ResultKt;
import kotlin.Unit;
import kotlin.coroutines.Continuation;
import kotlin.coroutines.intrinsics.IntrinsicsKt;
import kotlin.coroutines.jvm.internal.ContinuationImpl;
import kotlin.jvm.functions.Function2;
import kotlinx.coroutines.BuildersKt;
import kotlinx.coroutines.CoroutineScope;
import kotlinx.coroutines.CoroutineStart;
import kotlinx.coroutines.Dispatchers;
import kotlinx.coroutines.YieldKt;
import kotlinx.coroutines.channels.BufferOverflow;
import kotlinx.coroutines.channels.Channel;
import kotlinx.coroutines.channels.ChannelKt;
import kotlinx.coroutines.selects.SelectImplementation;
import kotlinx.coroutines.sync.Mutex;
import kotlinx.coroutines.sync.MutexKt;
import kotlinx.coroutines.sync.Semaphore;
import kotlinx.coroutines.sync.SemaphoreKt;

/**
 * Coroutines of kotlinx on the default dispatcher. The state machines that Kotlin's compiler would make of {@code suspend}
 * functions are written by hand: a call that returns {@link #SUSPENDED} resumes the caller later.
 */
final class Kotlinx {
    private static final Object SUSPENDED = IntrinsicsKt.getCOROUTINE_SUSPENDED();

    private Kotlinx() {}

    /** A coroutine's code: {@link #step} is called at the beginning, and with the result of what has suspended it. */
    @SuppressWarnings("serial")
    abstract static class Body extends ContinuationImpl {
        Body(Continuation<Object> completion) {
            super(completion);
        }

        /** Goes on with a result, until a call suspends. */
        abstract Object step(Object result) throws Exception;

        @Override
        protected final Object invokeSuspend(Object result) {
            ResultKt.throwOnFailure(result);
            try {
                return step(result);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }

        final Object begin() {
            return invokeSuspend(Unit.INSTANCE);
        }
    }

    interface Coroutine {
        Body with(Continuation<Object> completion);
    }

    @SuppressWarnings("unchecked") // it takes anything
    static <T> Continuation<T> any(Continuation<?> continuation) {
        return (Continuation<T>) continuation;
    }

    private static <T> Function2<CoroutineScope, Continuation<? super T>, Object> code(Coroutine coroutine) {
        return (_, completion) -> coroutine.with(any(completion)).begin();
    }

    static void launch(CoroutineScope scope, Coroutine coroutine) {
        BuildersKt.launch(scope, Dispatchers.getDefault(), CoroutineStart.DEFAULT, Kotlinx.<Unit>code(coroutine));
    }

    interface Launcher {
        void launchIn(CoroutineScope scope);
    }

    /** Runs coroutines and waits for their end. */
    static void run(Launcher launcher) throws InterruptedException {
        BuildersKt.runBlocking(Dispatchers.getDefault(), (scope, _) -> {
            launcher.launchIn(scope);
            return Unit.INSTANCE;
        });
    }

    // ---------------------------------------------------------------- channels

    static void buffered(int capacity, Traffic traffic) throws InterruptedException {
        Channel<Integer> channel = channel(capacity);
        pass(traffic, channel, channel);
    }

    static void rendezvous(Traffic traffic) throws InterruptedException {
        Channel<Integer> channel = channel(0);
        pass(traffic, channel, channel);
    }

    /** Two channels that are given to in turn. */
    static void selected(int capacity, Traffic traffic) throws InterruptedException {
        pass(traffic, channel(capacity), channel(capacity));
    }

    @SuppressWarnings("unchecked") // it is for any items
    private static Channel<Integer> channel(int capacity) {
        return (Channel<Integer>) (Channel<?>) ChannelKt.Channel(capacity, BufferOverflow.SUSPEND, null);
    }

    private static void pass(Traffic traffic, Channel<Integer> one, Channel<Integer> other)
            throws InterruptedException {
        LongAdder sum = new LongAdder();
        run(scope -> {
            for (int i = 0; i < traffic.givers(); i++) {
                launch(scope, completion -> new Giver(completion, one, other, traffic.given()));
            }
            for (int i = 0; i < traffic.takers(); i++) {
                launch(
                        scope,
                        completion -> one == other
                                ? new Taker(completion, one, traffic.taken(), sum)
                                : new Selector(completion, one, other, traffic.taken(), sum));
            }
        });
        traffic.check(sum.sum());
    }

    @SuppressWarnings("serial")
    private static final class Giver extends Body {
        private final Channel<Integer> one;
        private final Channel<Integer> other;
        private final int count;
        private int given;

        Giver(Continuation<Object> completion, Channel<Integer> one, Channel<Integer> other, int count) {
            super(completion);
            this.one = one;
            this.other = other;
            this.count = count;
        }

        @Override
        Object step(Object result) {
            while (given < count) {
                int number = given++;
                if (((number & 1) == 0 ? one : other).send(Pipe.item(number), this) == SUSPENDED) {
                    return SUSPENDED;
                }
            }
            return Unit.INSTANCE;
        }
    }

    @SuppressWarnings("serial")
    private static final class Taker extends Body {
        private final Channel<Integer> channel;
        private final int count;
        private final LongAdder total;
        private int taken;
        private long sum;

        Taker(Continuation<Object> completion, Channel<Integer> channel, int count, LongAdder total) {
            super(completion);
            this.channel = channel;
            this.count = count;
            this.total = total;
        }

        @Override
        Object step(Object result) {
            for (Object item = result; ; item = channel.receive(this)) {
                if (item == SUSPENDED) {
                    return SUSPENDED;
                }
                if (item instanceof Integer number) {
                    sum += number;
                    taken++;
                }
                if (taken == count) {
                    total.add(sum);
                    return Unit.INSTANCE;
                }
            }
        }
    }

    @SuppressWarnings("serial")
    private static final class Selector extends Body {
        private final Channel<Integer> one;
        private final Channel<Integer> other;
        private final int count;
        private final LongAdder total;
        private int taken;
        private long sum;

        Selector(
                Continuation<Object> completion,
                Channel<Integer> one,
                Channel<Integer> other,
                int count,
                LongAdder total) {
            super(completion);
            this.one = one;
            this.other = other;
            this.count = count;
            this.total = total;
        }

        @Override
        Object step(Object result) {
            for (Object item = result; ; item = select()) {
                if (item == SUSPENDED) {
                    return SUSPENDED;
                }
                if (item instanceof Integer number) {
                    sum += number;
                    taken++;
                }
                if (taken == count) {
                    total.add(sum);
                    return Unit.INSTANCE;
                }
            }
        }

        /** As what the compiler makes of {@code select}, which is inlined. */
        private Object select() {
            SelectImplementation<Object> select = new SelectImplementation<>(getContext());
            select.invoke(one.getOnReceive(), (item, _) -> item);
            select.invoke(other.getOnReceive(), (item, _) -> item);
            return select.doSelect(this);
        }
    }

    // ---------------------------------------------------------------- ping-pong

    static void pingPong(Traffic traffic) throws InterruptedException {
        Channel<Integer> there = channel(0);
        Channel<Integer> back = channel(0);
        LongAdder sum = new LongAdder();
        run(scope -> {
            launch(scope, completion -> new Pinging(completion, there, back, traffic.count()));
            launch(scope, completion -> new Ponging(completion, there, back, traffic.count(), sum));
        });
        traffic.check(sum.sum());
    }

    /** Sends and receives in turn; {@link #step} goes on after the one that has suspended. */
    @SuppressWarnings("serial")
    private static final class Pinging extends Body {
        private final Channel<Integer> there;
        private final Channel<Integer> back;
        private final int count;
        private int sent;
        private boolean waiting;

        Pinging(Continuation<Object> completion, Channel<Integer> there, Channel<Integer> back, int count) {
            super(completion);
            this.there = there;
            this.back = back;
            this.count = count;
        }

        @Override
        Object step(Object result) {
            while (sent < count) {
                Object suspended;
                if (waiting) {
                    waiting = false;
                    sent++;
                    suspended = back.receive(this);
                } else {
                    waiting = true;
                    suspended = there.send(Pipe.item(sent), this);
                }
                if (suspended == SUSPENDED) {
                    return SUSPENDED;
                }
            }
            return Unit.INSTANCE;
        }
    }

    @SuppressWarnings("serial")
    private static final class Ponging extends Body {
        private final Channel<Integer> there;
        private final Channel<Integer> back;
        private final int count;
        private final LongAdder total;
        private int answered;
        private long sum;

        Ponging(
                Continuation<Object> completion,
                Channel<Integer> there,
                Channel<Integer> back,
                int count,
                LongAdder total) {
            super(completion);
            this.there = there;
            this.back = back;
            this.count = count;
            this.total = total;
        }

        @Override
        Object step(Object result) {
            Object last = result;
            while (answered < count) {
                if (last instanceof Integer item) {
                    sum += item;
                    answered++;
                    last = back.send(item, this);
                } else {
                    last = there.receive(this);
                }
                if (last == SUSPENDED) {
                    return SUSPENDED;
                }
            }
            total.add(sum);
            return Unit.INSTANCE;
        }
    }

    // ---------------------------------------------------------------- a coroutine for each item

    /** All coroutines start at once, and so many at a time work; with {@code yielding}, as {@link Work#yielding}. */
    static List<Integer> coroutineEach(List<Integer> items, int limit, boolean yielding) throws InterruptedException {
        Semaphore permits = SemaphoreKt.Semaphore(limit, 0);
        Integer[] results = new Integer[items.size()];
        run(scope -> {
            for (int i = 0; i < results.length; i++) {
                int index = i;
                launch(
                        scope,
                        completion -> new Limited(completion, permits, yielding, items.get(index), index, results));
            }
        });
        return Arrays.asList(results);
    }

    @SuppressWarnings("serial")
    private static final class Limited extends Body {
        private final Semaphore permits;
        private final boolean yielding;
        private final Integer item;
        private final int index;
        private final Integer[] results;
        private int state;

        Limited(
                Continuation<Object> completion,
                Semaphore permits,
                boolean yielding,
                Integer item,
                int index,
                Integer[] results) {
            super(completion);
            this.permits = permits;
            this.yielding = yielding;
            this.item = item;
            this.index = index;
            this.results = results;
        }

        @Override
        Object step(Object result) {
            if (state == 0) {
                state = 1;
                if (permits.acquire(this) == SUSPENDED) {
                    return SUSPENDED;
                }
            }
            if (state == 1) {
                state = 2;
                if (yielding && YieldKt.yield(this) == SUSPENDED) {
                    return SUSPENDED;
                }
            }
            results[index] = Work.of(item);
            permits.release();
            return Unit.INSTANCE;
        }
    }

    // ---------------------------------------------------------------- what is free

    static void semaphore(int count) throws InterruptedException {
        Semaphore semaphore = SemaphoreKt.Semaphore(1, 0);
        run(scope -> launch(scope, completion -> new Repeating(completion) {
            @Override
            Object step(Object result) {
                for (int i = 0; i < count; i++) {
                    mustNotSuspend(semaphore.acquire(this));
                    semaphore.release();
                }
                return Unit.INSTANCE;
            }
        }));
    }

    static void mutex(int count) throws InterruptedException {
        Mutex mutex = MutexKt.Mutex(false);
        run(scope -> launch(scope, completion -> new Repeating(completion) {
            @Override
            Object step(Object result) {
                for (int i = 0; i < count; i++) {
                    mustNotSuspend(mutex.lock(null, this));
                    mutex.unlock(null);
                }
                return Unit.INSTANCE;
            }
        }));
    }

    @SuppressWarnings("serial")
    abstract static class Repeating extends Body {
        Repeating(Continuation<Object> completion) {
            super(completion);
        }

        static void mustNotSuspend(Object result) {
            if (result == SUSPENDED) {
                throw new AssertionError("it is free");
            }
        }
    }
}
