package dev.yibu.stream;

import static dev.yibu.Async.checkpoint;

import dev.yibu.Task;
import dev.yibu.TaskGroup;
import java.util.Iterator;
import java.util.concurrent.CancellationException;

/** Steps of an iteration that are cancelled, sooner or later, and made again. No time decides when. */
final class Steps {
    private static final int TRIES = 4;

    private Steps() {}

    /** Whether there is a next item; some who ask for it are cancelled before they know. */
    static boolean hasNext(Iterator<?> iterator) {
        return TaskGroup.call(group -> {
            for (int patience = 0; patience < TRIES; patience++) {
                Task<Boolean> step = group.start(iterator::hasNext);
                for (int i = 0; i < patience; i++) {
                    checkpoint();
                }
                step.cancel();
                try {
                    return step.await();
                } catch (CancellationException tooEarly) {
                    continue;
                }
            }
            return iterator.hasNext();
        });
    }
}
