package dev.yibu.testkit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Runs a test once more for each place in it that can wait, and cancels it there. However it takes that, it has to end, and
 * to leave behind no task, no timer, and no {@link Tracked} resource. What is to be true afterwards is checked in {@code
 * @AfterEach} methods, which are not cancelled.
 *
 * {@snippet file="dev/yibu/testkit/Snippets.java" region=cancel-everywhere}
 *
 * <p>Together with {@link Explore} it does so for the first schedules of that exploration; alone, for the plainest one.
 */
@Documented
@Inherited
@Target({ElementType.METHOD, ElementType.TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Test
@ExtendWith(SimulationExtension.class)
public @interface CancelEverywhere {
    /**
     * With how many schedules.
     *
     * @return at least 1
     */
    int schedules() default 1;
}
