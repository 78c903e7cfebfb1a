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
 * A test of JUnit in virtual time: the clock jumps when everybody waits, so that an hour of sleeping takes no time. The
 * schedule is the plainest, first come, first served; {@link Explore} searches the others.
 *
 * {@snippet file="dev/yibu/testkit/Snippets.java" region=virtual-time}
 *
 * <p>On a method it stands for {@code @Test}; on a class it applies to all its test methods. The methods annotated with
 * {@code @BeforeEach} and {@code @AfterEach} run in the same world, on a fresh instance of the class, which needs a
 * constructor without parameters; they take no parameters either.
 */
@Documented
@Inherited
@Target({ElementType.METHOD, ElementType.TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Test
@ExtendWith(SimulationExtension.class)
public @interface VirtualTime {}
