package dev.yibu.lowlevel;

import dev.yibu.Action;
import dev.yibu.CancelReason;
import dev.yibu.CancelReason.Kind;
import dev.yibu.Coroutine;
import java.util.concurrent.ThreadLocalRandom;

/** The strand of an actor, known before the actor runs, so that another one can cancel it. */
public final class Party extends Strand {
    /** What {@link #outcomeOf} yields if the call has left the thread's interrupt flag behind. */
    public static final String FLAG_LEFT = "an interrupt flag is left";

    private static final int LINGERING = 12;

    /** A party of one actor. */
    public Party() {
        super(Driver.real(), null, Context.EMPTY);
    }

    /** Requests the cancellation of the call that the party is in, or is going to be in. */
    public void cancel() {
        cancel(new CancelReason(Kind.REQUESTED, "the other actor"));
    }

    /** {@link #cancel()}, and some time for the party to notice: between nothing and more than it needs. */
    public void cancelAndLinger() {
        cancel();
        ThreadLocalRandom random = ThreadLocalRandom.current();
        for (int i = random.nextInt(1 << random.nextInt(LINGERING)); i > 0; i--) {
            Thread.onSpinWait();
        }
    }

    /** Runs a call as this party, on the calling thread; yields its value, or the name of what it threw. */
    public Object outcomeOf(Coroutine<?, ?> call) {
        Object outcome = Party.result(() -> this.<Object, Throwable>runAsRoot(call::run));
        return Thread.interrupted() ? FLAG_LEFT : outcome;
    }

    /** {@link #outcomeOf} for what yields nothing. */
    public Object endOf(Action<?> call, Object normal) {
        return outcomeOf(() -> {
            call.run();
            return normal;
        });
    }

    /** Runs a call as nobody in particular, on the calling thread; yields its value, or the name of what it threw. */
    public static Object result(Coroutine<?, ?> call) {
        try {
            return call.run();
        } catch (Throwable e) {
            return e.getClass().getSimpleName();
        }
    }

    /** {@link #result} for what yields nothing. */
    public static Object end(Action<?> call, Object normal) {
        return result(() -> {
            call.run();
            return normal;
        });
    }
}
