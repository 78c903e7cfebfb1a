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
 * A test of JUnit that runs in simulated worlds under many schedules, until it fails under one of them; the message then
 * says how to {@link Replay} it. Each schedule gets a fresh instance of the test class, with its {@code @BeforeEach} and
 * {@code @AfterEach} methods. Time is virtual, as under {@link VirtualTime}.
 *
 * {@snippet file="dev/yibu/testkit/Snippets.java" region=explore}
 *
 * <p>On a method it stands for {@code @Test}; on a class it applies to all its test methods; on an annotation of your own,
 * that one stands for it. {@code
 * -Dyibu.explore.factor=1000} multiplies the number of schedules of all explorations.
 */
@Documented
@Inherited
@Target({ElementType.METHOD, ElementType.TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Test
@ExtendWith(SimulationExtension.class)
public @interface Explore {
    /**
     * How many schedules.
     *
     * @return the number; the most, for {@link Strategy#EXHAUSTIVE}
     */
    long seeds() default 1_000;

    /**
     * The first seed.
     *
     * @return any number
     */
    long first() default 1;

    /**
     * How schedules are found.
     *
     * @return the strategy
     */
    Strategy strategy() default Strategy.RANDOM;

    /**
     * How many orderings a bug may need, for {@link Strategy#PRIORITIES}.
     *
     * @return at least 1
     */
    int depth() default 3;

    /**
     * How often somebody may lose the turn who could have gone on, for {@link Strategy#EXHAUSTIVE}.
     *
     * @return at least 0
     */
    int preemptions() default 2;

    /**
     * Whether every call of the driver is a place to be preempted; see {@link Exploration#everywhere}.
     *
     * @return false, for tests of programs
     */
    boolean everywhere() default false;

    /**
     * Packages whose classes are instrumented for this test: then each access to a field or an atomic in them, outside of
     * locks, is a place to be preempted, and not only checkpoints. Finds what tasks break that share plain fields or
     * lock-free data. The test and the program are loaded anew for it, once for all tests that name the same packages;
     * static state is not that of other tests.
     *
     * @return names of packages; none, for tests of programs that only wait for each other
     */
    String[] everyAccessOf() default {};
}
