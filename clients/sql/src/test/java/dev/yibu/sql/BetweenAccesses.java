package dev.yibu.sql;

import dev.yibu.testkit.Explore;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Many schedules, with a preemption between any two accesses of the pool and of the waits under it. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Explore(
        seeds = 1_000,
        everywhere = true,
        everyAccessOf = {"dev.yibu.sql", "dev.yibu.lowlevel"})
@interface BetweenAccesses {}
