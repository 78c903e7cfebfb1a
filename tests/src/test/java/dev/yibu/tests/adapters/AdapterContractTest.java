package dev.yibu.tests.adapters;

import static org.assertj.core.api.Assertions.assertThat;

import dev.yibu.tests.adapters.LineClient.Fault;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** The contract notices an adapter that is wrong. */
@Timeout(120)
class AdapterContractTest {

    /** What the nested run tests; it is no test of its own. */
    static final class Faulty extends AdapterContract {
        private static volatile Fault fault = Fault.NONE;

        @Override
        Subject open() {
            return new LineSubject(fault);
        }

        @Override
        Set<Phase> phases() {
            return EnumSet.of(Phase.WAITING_FOR_THE_POOL, Phase.WAITING_FOR_THE_ANSWER);
        }

        @Override
        Duration limit() {
            return Duration.ofSeconds(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_faulty_adapter_fails_and_only_that(Fault fault) {
        String method = switch (fault) {
            case ABORTS_EVERYBODY -> "a_cancelled_operation_disturbs_no_other";
            case BEGINS_THOUGH_CANCELLED -> "an_operation_of_a_cancelled_task_does_not_begin";
            case KEEPS_WHAT_WAS_ABORTED_TOO_LATE -> "a_cancel_that_races_with_the_end_leaves_the_pool_whole";
            default -> "a_cancel_ends_an_operation_in_each_phase";
        };
        boolean hasPhases = switch (fault) {
            case BEGINS_THOUGH_CANCELLED, KEEPS_WHAT_WAS_ABORTED_TOO_LATE -> false;
            default -> true;
        };

        TestExecutionSummary summary = run(fault, method, hasPhases ? new Class<?>[] {Phase.class} : new Class<?>[0]);

        StringWriter failures = new StringWriter();
        summary.printFailuresTo(new PrintWriter(failures));
        if (fault == Fault.NONE) {
            assertThat(summary.getTestsSucceededCount()).isEqualTo(2);
            assertThat(summary.getTotalFailureCount()).as(failures.toString()).isZero();
        } else {
            assertThat(summary.getTotalFailureCount()).isPositive();
            assertThat(failures.toString()).contains(symptom(fault));
        }
    }

    /** What it says, so that no failure for another reason passes for this one. */
    private static String symptom(Fault fault) {
        return switch (fault) {
            case NONE -> "";
            case FORGETS_A_PERMIT -> "Pool[size=3, free=2, waiting=0]";
            case LEAKS_A_SOCKET -> "the peer sees the end";
            case KEEPS_A_BROKEN_CONNECTION, BEGINS_THOUGH_CANCELLED -> "as many sockets as connections are counted";
            case SWALLOWS_A_CANCEL -> "Success";
            case CALLS_A_CANCEL_A_FAILURE -> "java.io.IOException: broken";
            case KEEPS_WHAT_WAS_ABORTED_TOO_LATE -> "Socket closed";
            case ABORTS_EVERYBODY -> "the neighbour has ended";
            case IS_DEAF, IS_DEAF_AT_THE_POOL -> "the operation has not ended within PT1S";
            case LEAVES_A_THREAD -> "the thread \"watch of";
            case LEAVES_A_FILE -> "files, before the garbage collector closes them";
        };
    }

    private static TestExecutionSummary run(Fault fault, String method, Class<?>... parameters) {
        Faulty.fault = fault;
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        LauncherFactory.create()
                .execute(
                        LauncherDiscoveryRequestBuilder.request()
                                .selectors(DiscoverySelectors.selectMethod(Faulty.class, method, parameters))
                                .build(),
                        listener);
        return listener.getSummary();
    }
}
