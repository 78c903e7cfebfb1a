/**
 * Tests of asynchronous code: time that jumps, schedules that are searched and replayed, leaks that are found.
 *
 * <p>A test method under {@link dev.yibu.testkit.VirtualTime} or {@link dev.yibu.testkit.Explore} runs in a simulated world:
 * its tasks run one at a time, a seed decides who goes next, and the clock jumps when everybody waits. The code under test
 * is the same bytecode as in production. {@link dev.yibu.testkit.Exploration} does the same without JUnit.
 */
@NullMarked
package dev.yibu.testkit;

import org.jspecify.annotations.NullMarked;
