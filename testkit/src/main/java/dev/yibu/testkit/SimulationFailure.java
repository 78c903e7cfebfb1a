package dev.yibu.testkit;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * What is wrong with a simulated run, apart from what the test itself throws: it is stuck, endless, hangs in foreign code,
 * or has left something behind; or a test has failed under some schedule, with the way to replay it.
 */
public final class SimulationFailure extends AssertionError {
    @Serial
    private static final long serialVersionUID = 1L;

    SimulationFailure(String message) {
        super(message);
    }

    SimulationFailure(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
