package dev.yibu.tests;

import static dev.yibu.Async.generator;
import static org.assertj.core.api.Assertions.assertThat;

import dev.yibu.stream.AsyncIterable;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.reactivestreams.tck.TestEnvironment;
import org.reactivestreams.tck.flow.FlowPublisherVerification;
import org.reactivestreams.tck.flow.FlowSubscriberBlackboxVerification;
import org.testng.ITestResult;
import org.testng.TestListenerAdapter;
import org.testng.TestNG;

/** Runs the official kit of Reactive Streams, which is made of TestNG tests, on the ways to and from {@link Flow}. */
@Timeout(value = 170, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ReactiveStreamsTest {
    private static final long TIMEOUT_MILLIS = 2_000;
    private static final long NO_SIGNALS_MILLIS = 100;

    private static OpenScope scope;

    @BeforeAll
    static void openScope() {
        scope = new OpenScope();
    }

    @AfterAll
    static void closeScope() throws InterruptedException {
        scope.close();
    }

    private static TestEnvironment environment() {
        return new TestEnvironment(TIMEOUT_MILLIS, NO_SIGNALS_MILLIS);
    }

    /** A publisher of what a generator yields. */
    public static final class GeneratorTck extends FlowPublisherVerification<Integer> {
        public GeneratorTck() {
            super(environment());
        }

        @Override
        public Flow.Publisher<Integer> createFlowPublisher(long elements) {
            return scope.call(_ -> AsyncIterable.publisher(() -> generator(Integer.class, 16, out -> {
                for (long i = 0; i < elements; i++) {
                    out.emit((int) i);
                }
            })));
        }

        @Override
        public Flow.Publisher<Integer> createFailedFlowPublisher() {
            return scope.call(_ -> AsyncIterable.publisher(() -> {
                throw new IllegalStateException("it can't be had");
            }));
        }
    }

    /** A publisher of what a list holds. */
    public static final class ListTck extends FlowPublisherVerification<Integer> {
        private static final int MOST = 1000;

        public ListTck() {
            super(environment());
        }

        @Override
        public long maxElementsFromPublisher() {
            return MOST;
        }

        @Override
        public Flow.Publisher<Integer> createFlowPublisher(long elements) {
            List<Integer> items = IntStream.range(0, (int) elements).boxed().toList();
            return scope.call(_ -> AsyncIterable.publisher(() -> items));
        }

        @Override
        public Flow.Publisher<Integer> createFailedFlowPublisher() {
            return null; // GeneratorTck has one
        }
    }

    /** The subscriber behind an iterable that a task iterates over. */
    public static final class SubscriberTck extends FlowSubscriberBlackboxVerification<Integer> {
        public SubscriberTck() {
            super(environment());
        }

        @Override
        public Flow.Subscriber<Integer> createFlowSubscriber() {
            CompletableFuture<Flow.Subscriber<? super Integer>> subscriber = new CompletableFuture<>();
            scope.call(group -> {
                AsyncIterable<Integer> items = AsyncIterable.<Integer>from(subscriber::complete, 4);
                return group.start(() -> {
                    try {
                        for (Iterator<Integer> iterator = items.iterator(); iterator.hasNext(); ) {
                            assertThat(iterator.next()).isNotNull();
                        }
                    } catch (RuntimeException expected) {
                        // what the kit passes to onError
                    }
                });
            });
            return as(
                    subscriber.orTimeout(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS).join());
        }

        @SuppressWarnings("unchecked") // who takes any Integer's supertype takes an Integer
        private static Flow.Subscriber<Integer> as(Flow.Subscriber<? super Integer> subscriber) {
            return (Flow.Subscriber<Integer>) subscriber;
        }

        @Override
        public Integer createElement(int element) {
            return element;
        }
    }

    private static TestListenerAdapter runTck(Class<?> verification) {
        TestListenerAdapter results = new TestListenerAdapter();
        TestNG testng = new TestNG(false);
        testng.setVerbose(0);
        testng.setTestClasses(new Class<?>[] {verification});
        testng.addListener(results);
        testng.run();
        return results;
    }

    private static void assertPasses(Class<?> verification, int passed, String... skipped) {
        TestListenerAdapter results = runTck(verification);
        assertThat(results.getFailedTests())
                .extracting(ReactiveStreamsTest::described)
                .isEmpty();
        assertThat(results.getConfigurationFailures())
                .extracting(ReactiveStreamsTest::described)
                .isEmpty();
        assertThat(results.getSkippedTests())
                .extracting(ITestResult::getName)
                .filteredOn(name -> !name.startsWith("untested_")) // the kit has no test for these rules
                .containsExactlyInAnyOrder(skipped);
        assertThat(results.getPassedTests()).extracting(ITestResult::getName).hasSize(passed);
    }

    private static String described(ITestResult result) {
        return result.getName() + ": " + result.getThrowable();
    }

    @Test
    void a_publisher_of_a_generator_keeps_the_rules_of_reactive_streams() {
        assertPasses(GeneratorTck.class, 31);
    }

    @Test
    void a_publisher_of_a_list_keeps_the_rules_of_reactive_streams() {
        assertPasses(
                ListTck.class,
                28,
                // without a publisher that fails
                "optional_spec104_mustSignalOnErrorWhenFails",
                "required_spec109_mayRejectCallsToSubscribeIfPublisherIsUnableOrUnwillingToServeThemRejectionMustTriggerOnErrorAfterOnSubscribe",
                // without an endless one
                "required_spec317_mustNotSignalOnErrorWhenPendingAboveLongMaxValue");
    }

    @Test
    void a_subscriber_of_an_iteration_keeps_the_rules_of_reactive_streams() {
        assertPasses(SubscriberTck.class, 11);
    }
}
