package dev.yibu;

import dev.yibu.lowlevel.Context;
import dev.yibu.lowlevel.ForwardingDriver;
import dev.yibu.lowlevel.Strand;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** The real driver, except that the threads of tasks begin only when the test says so, or not at all. */
final class HeldStarts extends ForwardingDriver {
    private final Queue<Runnable> held = new ConcurrentLinkedQueue<>();

    /** Thrown by every start, if it is set. */
    volatile @Nullable Error failure;

    <X extends Throwable> void run(Action<? extends X> main) throws X {
        new Strand(this, null, Context.EMPTY).<@Nullable Void, X>runAsRoot(Actions.<X>asCoroutine(main));
    }

    /** Lets all threads that were held begin. */
    void release() {
        for (Runnable start = held.poll(); start != null; start = held.poll()) {
            start.run();
        }
    }

    @Override
    public void start(Strand strand, Runnable body, @Nullable String name) {
        Error thrown = failure;
        if (thrown != null) {
            throw thrown;
        }
        held.add(() -> super.start(strand, body, name));
    }
}
