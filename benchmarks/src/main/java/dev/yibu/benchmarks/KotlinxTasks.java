package dev.yibu.benchmarks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import kotlin.Unit;
import kotlin.coroutines.Continuation;
import kotlinx.coroutines.AwaitKt;
import kotlinx.coroutines.BuildersKt;
import kotlinx.coroutines.CompletableJob;
import kotlinx.coroutines.CoroutineScope;
import kotlinx.coroutines.CoroutineScopeKt;
import kotlinx.coroutines.CoroutineStart;
import kotlinx.coroutines.Deferred;
import kotlinx.coroutines.DelayKt;
import kotlinx.coroutines.Dispatchers;
import kotlinx.coroutines.JobKt;
import kotlinx.coroutines.TimeoutKt;

/** Tasks and timers of kotlinx; see {@link Kotlinx} for how its coroutines are written. */
final class KotlinxTasks {
    private KotlinxTasks() {}

    static List<Integer> gather(List<Integer> items) throws InterruptedException {
        return BuildersKt.<List<Integer>>runBlocking(
                Dispatchers.getDefault(),
                (scope, completion) -> new Gather(Kotlinx.any(completion), scope, items).begin());
    }

    @SuppressWarnings("serial")
    private static final class Gather extends Kotlinx.Body {
        private final CoroutineScope scope;
        private final List<Integer> items;
        private boolean started;

        Gather(Continuation<Object> completion, CoroutineScope scope, List<Integer> items) {
            super(completion);
            this.scope = scope;
            this.items = items;
        }

        @Override
        Object step(Object result) {
            if (started) {
                return result;
            }
            started = true;
            List<Deferred<Integer>> all = new ArrayList<>(items.size());
            for (Integer item : items) {
                all.add(BuildersKt.async(
                        scope, Dispatchers.getDefault(), CoroutineStart.DEFAULT, (_, _) -> Work.of(item)));
            }
            return AwaitKt.awaitAll(all, Kotlinx.<List<? extends Integer>>any(this));
        }
    }

    static void sleep(List<Integer> items, Duration duration) throws InterruptedException {
        Kotlinx.run(scope -> {
            for (Integer _ : items) {
                Kotlinx.launch(scope, completion -> new Sleeper(completion, () -> {}, duration.toMillis()));
            }
        });
    }

    @SuppressWarnings("serial")
    private static final class Sleeper extends Kotlinx.Body {
        private final Runnable begun;
        private final long millis;
        private boolean slept;

        Sleeper(Continuation<Object> completion, Runnable begun, long millis) {
            super(completion);
            this.begun = begun;
            this.millis = millis;
        }

        @Override
        Object step(Object result) {
            if (slept) {
                return Unit.INSTANCE;
            }
            slept = true;
            begun.run();
            return DelayKt.delay(millis, Kotlinx.<Unit>any(this));
        }
    }

    static void timeouts(int count) throws InterruptedException {
        Integer item = Pipe.item(1);
        Kotlinx.run(scope -> Kotlinx.launch(scope, completion -> new Kotlinx.Repeating(completion) {
            @Override
            Object step(Object result) {
                for (int i = 0; i < count; i++) {
                    Object value = TimeoutKt.<Integer>withTimeout(
                            Work.TWO_HOURS.toMillis(), (_, _) -> Work.of(item), Kotlinx.any(this));
                    if (value != item) {
                        throw new AssertionError("a result was lost");
                    }
                }
                return Unit.INSTANCE;
            }
        }));
    }

    static Sleepers sleepers(int count) throws InterruptedException {
        Countdown begun = new Countdown(count);
        CompletableJob job = JobKt.Job(null);
        CoroutineScope scope =
                CoroutineScopeKt.CoroutineScope(Dispatchers.getDefault().plus(job));
        for (int i = 0; i < count; i++) {
            Kotlinx.launch(scope, completion -> new Sleeper(completion, begun::countDown, Work.HOUR.toMillis()));
        }
        Sleepers.awaitAsleep(begun);
        return () -> {
            job.cancel(null);
            BuildersKt.<Object>runBlocking(
                    Dispatchers.getDefault(), (_, completion) -> job.join(Kotlinx.<Unit>any(completion)));
        };
    }
}
