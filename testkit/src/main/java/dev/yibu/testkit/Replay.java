package dev.yibu.testkit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Runs a test under one schedule only: the one that a failed exploration has named. Put it on the method for as long as the
 * failure is looked into; it takes precedence over {@link Explore} and {@link VirtualTime}.
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Test
@ExtendWith(SimulationExtension.class)
public @interface Replay {
    /**
     * The schedule.
     *
     * @return as in the message of the failure, such as {@code random/17}
     */
    String value();
}
