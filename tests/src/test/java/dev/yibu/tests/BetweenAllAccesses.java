package dev.yibu.tests;

import dev.yibu.testkit.CancelEverywhere;
import dev.yibu.testkit.Explore;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** As {@link BetweenAccesses}, with a preemption between any two accesses of synchronisation and streams as well. */
@Inherited
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Explore(
        seeds = 4_000,
        everywhere = true,
        everyAccessOf = {"dev.yibu", "dev.yibu.lowlevel", "dev.yibu.sync", "dev.yibu.stream"})
@CancelEverywhere(schedules = 10)
@interface BetweenAllAccesses {}
