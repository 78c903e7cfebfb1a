package dev.yibu.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.yibu.lowlevel.Strand;
import dev.yibu.lowlevel.Timer;
import dev.yibu.testkit.Explore;
import java.util.Objects;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.platform.commons.support.AnnotationSupport;

/** Rules that are checked in simulated worlds. The world itself sees to it that nothing is left behind. */
abstract class ExploredRules {
    /** What is told in ten thousand runs would be read by nobody. */
    private static final Logger LOG = Logger.getLogger("dev.yibu");

    static {
        LOG.setLevel(Level.OFF);
    }

    /** A timer that nobody sets. */
    static final class Alarm extends Timer {
        @Override
        protected void expire() {}
    }

    /** Takes a while without looking at its cancel state: others act meanwhile. */
    static void compute() {
        Strand self = Objects.requireNonNull(Strand.current());
        for (int i = 0; i < 3; i++) {
            self.driver().cancel(new Alarm());
        }
    }

    /** Whether nobody can have acted between the last step of the core and the next one of the test. */
    final boolean isUndisturbed() {
        return AnnotationSupport.findAnnotation(getClass(), Explore.class)
                .map(explore -> explore.everyAccessOf().length == 0)
                .orElse(true);
    }

    @AfterEach
    void no_interrupt_is_left_behind() {
        assertThat(Thread.currentThread().isInterrupted())
                .as("the thread's interrupt flag")
                .isFalse();
    }
}
