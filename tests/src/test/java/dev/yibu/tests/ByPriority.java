package dev.yibu.tests;

import dev.yibu.testkit.CancelEverywhere;
import dev.yibu.testkit.Explore;
import dev.yibu.testkit.Strategy;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** As {@link AtRandom}, with random priorities: a few tasks get far ahead of the others. */
@Inherited
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Explore(seeds = 2_000, strategy = Strategy.PRIORITIES, everywhere = true)
@CancelEverywhere(schedules = 10)
@interface ByPriority {}
