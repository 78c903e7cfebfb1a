/**
 * What Yibu costs, beside raw virtual threads, {@code StructuredTaskScope} and the timers of the JDK. The competitors do
 * the same work and are defined once, for the JMH benchmarks and for {@link dev.yibu.benchmarks.Compare}.
 */
@NullMarked
package dev.yibu.benchmarks;

import org.jspecify.annotations.NullMarked;
