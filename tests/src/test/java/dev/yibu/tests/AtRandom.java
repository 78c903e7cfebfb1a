package dev.yibu.tests;

import dev.yibu.testkit.CancelEverywhere;
import dev.yibu.testkit.Explore;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Rules of the core under random schedules, with a preemption at each call of the driver; then cancelled everywhere. */
@Inherited
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Explore(seeds = 2_000, everywhere = true)
@CancelEverywhere(schedules = 10)
@interface AtRandom {}
