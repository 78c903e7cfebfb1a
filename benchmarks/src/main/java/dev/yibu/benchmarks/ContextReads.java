package dev.yibu.benchmarks;

import dev.yibu.ContextVar;

/** Reads a value that belongs to the task again and again, as logging does. */
final class ContextReads {
    private static final ThreadLocal<Integer> THREAD_LOCAL = new ThreadLocal<>();
    private static final ScopedValue<Integer> SCOPED_VALUE = ScopedValue.newInstance();
    private static final ContextVar<Integer> CONTEXT_VAR = ContextVar.create("number");

    private ContextReads() {}

    static void threadLocal(int count) {
        THREAD_LOCAL.set(1);
        long sum = 0;
        for (int i = 0; i < count; i++) {
            sum += THREAD_LOCAL.get();
        }
        THREAD_LOCAL.remove();
        check(sum, count);
    }

    static void scopedValue(int count) {
        ScopedValue.where(SCOPED_VALUE, 1).run(() -> {
            long sum = 0;
            for (int i = 0; i < count; i++) {
                sum += SCOPED_VALUE.get();
            }
            check(sum, count);
        });
    }

    static void contextVar(int count) {
        CONTEXT_VAR.where(1, () -> {
            long sum = 0;
            for (int i = 0; i < count; i++) {
                sum += CONTEXT_VAR.get();
            }
            check(sum, count);
        });
    }

    private static void check(long sum, int count) {
        if (sum != count) {
            throw new AssertionError("a wrong value");
        }
    }
}
