package dev.yibu.lowlevel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.Async;
import dev.yibu.Cancelled;
import dev.yibu.TaskInfo;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ForeignCallTest {
    private static final Duration LONG = Duration.ofHours(1);
    private static final Duration SHORT = Duration.ofMillis(20);

    /** What a driver hangs on: the end of it is up to the test, or to the driver's own way of aborting. */
    private final CountDownLatch server = new CountDownLatch(1);

    private final List<String> events = new CopyOnWriteArrayList<>();

    private RunningStrand<String> inCall(ForeignCall call) {
        RunningStrand<String> running = RunningStrand.start(self -> call.call(() -> {
            events.add("body");
            server.await();
            return "answer";
        }));
        Eventually.isTrue("the call is in", () -> events.contains("body"));
        Eventually.blocks(running.thread);
        return running;
    }

    @Test
    void a_call_yields_its_value_or_its_exception() {
        ForeignCall call = ForeignCall.named("query");
        IOException exception = new IOException("no route");

        assertThat(RunningStrand.start(self -> call.call(() -> "row")).value()).isEqualTo("row");
        assertThat(RunningStrand.start(self -> call.call(() -> {
                            throw exception;
                        }))
                        .failure())
                .isSameAs(exception);
        assertThat(call.<String, RuntimeException>call(() -> "row"))
                .as("on a thread without a strand")
                .isEqualTo("row");
    }

    @Test
    void a_listing_shows_the_name_of_the_call() {
        RunningStrand<String> running = inCall(ForeignCall.named("select from orders"));

        assertThat(running.strand.foreignCall()).isEqualTo("select from orders");
        assertThat(Async.allTasks())
                .filteredOn(info -> info.id() == running.strand.id())
                .singleElement()
                .satisfies(info -> {
                    assertThat(info.state()).isEqualTo(TaskInfo.State.IN_FOREIGN_CALL);
                    assertThat(info.waitingFor()).contains("select from orders");
                });

        server.countDown();
        running.value();
        assertThat(running.strand.foreignCall()).isNull();
    }

    @Test
    void calls_nest_and_the_innermost_is_shown() {
        List<String> names = RunningStrand.start(self -> ForeignCall.named("outer")
                        .call(() -> {
                            String inner = ForeignCall.named("inner").call(self::foreignCall);
                            return List.of(inner, self.foreignCall());
                        }))
                .value();

        assertThat(names).containsExactly("inner", "outer");
    }

    @Test
    void in_a_cancelled_scope_the_body_is_not_run() {
        AtomicInteger hooks = new AtomicInteger();
        RunningStrand<String> running = RunningStrand.start(self -> {
            self.cancel(RunningStrand.REASON);
            return ForeignCall.named("query")
                    .onCancel(hooks::incrementAndGet, LONG)
                    .call(() -> {
                        events.add("body");
                        return "row";
                    });
        });

        assertThat(running.failure()).isInstanceOf(CancellationException.class);
        assertThat(events).isEmpty();
        assertThat(hooks).hasValue(0);
    }

    @Test
    void without_a_hook_a_cancel_interrupts_the_call() {
        RunningStrand<String> running = inCall(ForeignCall.named("query"));

        running.cancel();

        assertThat(running.failure())
                .isInstanceOf(CancellationException.class)
                .hasCauseInstanceOf(InterruptedException.class);
    }

    @Test
    void the_hook_comes_first_on_a_thread_of_its_own_and_if_it_stops_the_call_nothing_else_happens() {
        AtomicReference<Thread> hookThread = new AtomicReference<>();
        AtomicBoolean interrupted = new AtomicBoolean();
        ForeignCall call = ForeignCall.named("query")
                .onCancel(
                        () -> {
                            hookThread.set(Thread.currentThread());
                            events.add("hook");
                            server.countDown();
                        },
                        LONG)
                .thenClose(() -> events.add("close"));
        RunningStrand<Boolean> running = RunningStrand.start(self -> {
            try {
                call.call(() -> {
                    events.add("body");
                    server.await();
                    interrupted.set(Thread.currentThread().isInterrupted());
                    throw new IOException("canceling statement due to user request");
                });
                return false;
            } catch (Cancelled cancelled) {
                assertThat(cancelled).hasCauseInstanceOf(IOException.class).hasMessage("a test wants it");
                assertThat(Thread.currentThread().isInterrupted()).isFalse();
                return true;
            }
        });
        Eventually.isTrue("the call is in", () -> events.contains("body"));

        running.cancel();

        assertThat(running.value()).isTrue();
        assertThat(events).containsExactly("body", "hook");
        assertThat(interrupted).isFalse();
        assertThat(hookThread.get()).isNotSameAs(running.thread).isNotSameAs(Thread.currentThread());
        assertThat(hookThread.get().getName()).doesNotContain("timer");
    }

    @Test
    void if_the_hook_does_not_stop_it_the_call_is_interrupted_after_the_grace() {
        RunningStrand<String> running = inCall(ForeignCall.named("query").onCancel(() -> events.add("hook"), SHORT));
        long start = System.nanoTime();

        running.cancel();

        assertThat(running.failure())
                .isInstanceOf(CancellationException.class)
                .hasCauseInstanceOf(InterruptedException.class);
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(SHORT.toNanos());
        assertThat(events).containsExactly("body", "hook");
    }

    @Test
    void a_second_hook_closes_after_the_grace_in_place_of_the_interrupt() {
        AtomicBoolean interrupted = new AtomicBoolean();
        ForeignCall call = ForeignCall.named("query")
                .onCancel(() -> events.add("hook"), SHORT)
                .thenClose(() -> {
                    events.add("close");
                    server.countDown();
                });
        RunningStrand<Boolean> running = RunningStrand.start(self -> call.call(() -> {
            events.add("body");
            server.await();
            interrupted.set(Thread.currentThread().isInterrupted());
            throw new IOException("connection closed");
        }));
        Eventually.isTrue("the call is in", () -> events.contains("body"));

        running.cancel();

        assertThat(running.failure()).isInstanceOf(CancellationException.class).hasCauseInstanceOf(IOException.class);
        assertThat(events).containsExactly("body", "hook", "close");
        assertThat(interrupted).isFalse();
    }

    @Test
    void a_value_that_is_returned_wins_and_the_cancel_meets_what_follows() {
        Semaphore permits = new Semaphore(1);
        ForeignCall call = ForeignCall.named("query").onCancel(server::countDown, LONG);
        RunningStrand<String> running = RunningStrand.start(self -> {
            String value = call.call(() -> {
                events.add("body");
                server.await();
                return "row";
            });
            assertThatThrownBy(permits::acquire)
                    .as("the foreign call that follows")
                    .isInstanceOf(InterruptedException.class);
            assertThatThrownBy(self::checkpoint).isInstanceOf(Cancelled.class);
            return value;
        });
        Eventually.isTrue("the call is in", () -> events.contains("body"));

        running.cancel();

        assertThat(running.value()).isEqualTo("row");
    }

    @Test
    void a_value_that_is_returned_without_noticing_the_interrupt_leaves_it_for_what_follows() {
        RunningStrand<Boolean> running = RunningStrand.start(self -> {
            ForeignCall.named("computation").call(() -> {
                events.add("body");
                Eventually.isInterrupted();
                return true;
            });
            return Thread.interrupted();
        });
        Eventually.isTrue("the call is in", () -> events.contains("body"));

        running.cancel();

        assertThat(running.value()).isTrue();
    }

    @Test
    void a_value_that_is_returned_while_the_hook_runs_waits_for_it_and_leaves_an_interrupt() {
        CountDownLatch hookMayEnd = new CountDownLatch(1);
        AtomicBoolean hookEnded = new AtomicBoolean();
        ForeignCall call = ForeignCall.named("query")
                .onCancel(
                        () -> {
                            server.countDown();
                            hookMayEnd.await();
                            hookEnded.set(true);
                        },
                        LONG);
        RunningStrand<Boolean> running = RunningStrand.start(self -> {
            call.call(() -> {
                events.add("body");
                server.await();
                return true;
            });
            assertThat(hookEnded).isTrue();
            return Thread.interrupted();
        });
        Eventually.isTrue("the call is in", () -> events.contains("body"));

        running.cancel();
        Eventually.waits(running.strand);
        assertThat(running.strand.waitingFor()).hasToString("the abort hook of \"query\"");
        hookMayEnd.countDown();

        assertThat(running.value()).isTrue();
    }

    @Test
    void an_exception_waits_for_a_hook_that_runs_too() {
        CountDownLatch hookMayEnd = new CountDownLatch(1);
        ForeignCall call = ForeignCall.named("query")
                .onCancel(() -> {}, Duration.ZERO)
                .thenClose(() -> {
                    server.countDown();
                    hookMayEnd.await();
                    events.add("closed");
                });
        RunningStrand<Boolean> running = RunningStrand.start(self -> {
            try {
                call.call(() -> {
                    events.add("body");
                    server.await();
                    throw new IOException("connection closed");
                });
                return false;
            } catch (Cancelled cancelled) {
                return events.contains("closed");
            }
        });
        Eventually.isTrue("the call is in", () -> events.contains("body"));

        running.cancel();
        Eventually.waits(running.strand);
        hookMayEnd.countDown();

        assertThat(running.value()).isTrue();
    }

    @Test
    void an_error_of_the_body_is_not_taken_for_the_effect_of_the_hook() {
        AssertionError error = new AssertionError("a bug");
        ForeignCall call = ForeignCall.named("query").onCancel(server::countDown, LONG);
        RunningStrand<String> running = RunningStrand.start(self -> call.call(() -> {
            events.add("body");
            server.await();
            throw error;
        }));
        Eventually.isTrue("the call is in", () -> events.contains("body"));

        running.cancel();

        assertThat(running.failure()).isSameAs(error);
    }

    @Test
    void an_own_exception_that_is_caught_leaves_the_interrupt_for_what_follows() {
        RunningStrand<Boolean> running = RunningStrand.start(self -> {
            try {
                ForeignCall.named("computation").call(() -> {
                    events.add("body");
                    Eventually.isInterrupted();
                    throw new IOException("bad data");
                });
            } catch (IOException e) {
                return Thread.interrupted();
            }
            return false;
        });
        Eventually.isTrue("the call is in", () -> events.contains("body"));

        running.cancel();

        assertThat(running.value()).isTrue();
    }

    @Test
    void the_hook_runs_once_however_often_it_is_cancelled() {
        AtomicInteger hooks = new AtomicInteger();
        AtomicReference<CancelScope> inner = new AtomicReference<>();
        ForeignCall call = ForeignCall.named("query").onCancel(hooks::incrementAndGet, LONG);
        RunningStrand<Boolean> running = RunningStrand.start(self -> {
            CancelScope scope = new CancelScope(self) {};
            scope.enter();
            inner.set(scope);
            call.call(() -> {
                events.add("body");
                server.await();
                return true;
            });
            scope.leave(null);
            return true;
        });
        Eventually.isTrue("the call is in", () -> events.contains("body"));

        inner.get().cancel(RunningStrand.REASON);
        running.cancel();
        running.strand.deliver();
        Eventually.isTrue("the hook runs", () -> hooks.get() > 0);
        server.countDown();

        assertThat(running.value()).isTrue();
        assertThat(hooks).hasValue(1);
    }

    /** The canceller has looked at the strand, and is held up before it wakes it. */
    private final class HeldUpRegion extends CancelScope {
        private final CountDownLatch looked = new CountDownLatch(1);
        private final CountDownLatch goesOn = new CountDownLatch(1);

        HeldUpRegion(Strand strand) {
            super(strand);
        }

        @Override
        public void visitChildren(Consumer<? super Strand> visitor) {
            looked.countDown();
            Eventually.isTrue("the strand is in the next call", () -> goesOn.getCount() == 0);
        }

        /** Begins a cancellation, and returns while it is held up. */
        Thread beginCancel() {
            Thread canceller = Thread.ofPlatform().daemon().start(() -> cancel(RunningStrand.REASON));
            Eventually.isTrue("the canceller has looked", () -> looked.getCount() == 0);
            return canceller;
        }

        /** A call with a hook, during which the canceller goes on to its end. */
        String callMeanwhile(Thread canceller) {
            return ForeignCall.named("next")
                    .onCancel(() -> events.add("hook"), LONG)
                    .call(() -> {
                        goesOn.countDown();
                        Eventually.isTrue("the canceller ends", () -> !canceller.isAlive());
                        return "row";
                    });
        }
    }

    @Test
    void a_canceller_that_is_held_up_does_not_stop_a_call_outside_of_what_it_cancels() {
        RunningStrand<String> running = RunningStrand.start(self -> {
            HeldUpRegion region = new HeldUpRegion(self);
            region.enter();
            Thread canceller = region.beginCancel();
            region.leave(null);
            String value = region.callMeanwhile(canceller);
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
            return value;
        });

        assertThat(running.value()).isEqualTo("row");
        assertThat(events).isEmpty();
    }

    @Test
    void a_canceller_that_is_held_up_does_not_stop_a_call_inside_a_shield() {
        RunningStrand<String> running = RunningStrand.start(self -> {
            HeldUpRegion region = new HeldUpRegion(self);
            region.enter();
            Thread canceller = region.beginCancel();
            Shield shield = new Shield(self, LONG.toNanos());
            shield.enter();
            String value = region.callMeanwhile(canceller);
            shield.leave(null);
            assertThat(Thread.interrupted()).as("behind the shield").isTrue();
            region.leave(null);
            return value;
        });

        assertThat(running.value()).isEqualTo("row");
        assertThat(events).isEmpty();
    }

    @Test
    void a_canceller_that_gives_way_does_not_keep_another_from_stopping_the_call() {
        RunningStrand<String> running = RunningStrand.start(self -> {
            HeldUpRegion region = new HeldUpRegion(self);
            region.enter();
            Thread canceller = region.beginCancel();
            region.leave(null);
            return ForeignCall.named("next").onCancel(server::countDown, LONG).call(() -> {
                region.goesOn.countDown();
                events.add("body");
                server.await();
                Eventually.isTrue("the canceller ends", () -> !canceller.isAlive());
                return "stopped";
            });
        });
        Eventually.isTrue("the call is in", () -> events.contains("body"));

        running.cancel();

        assertThat(running.value()).isEqualTo("stopped");
    }

    @Test
    void the_interrupt_after_the_grace_is_the_one_that_the_cancel_owes() {
        RunningStrand<Boolean> running = RunningStrand.start(self -> {
            ForeignCall.named("query")
                    .onCancel(() -> events.add("hook"), Duration.ZERO)
                    .call(() -> {
                        events.add("body");
                        assertThatThrownBy(server::await).isInstanceOf(InterruptedException.class);
                        return "row";
                    });
            return Thread.currentThread().isInterrupted();
        });
        Eventually.isTrue("the call is in", () -> events.contains("body"));

        running.cancel();

        assertThat(running.value()).as("a second one").isFalse();
    }

    @Test
    void a_hook_that_fails_is_logged_and_the_grace_goes_on() {
        for (Throwable failure :
                List.of(new IOException("refused"), new AssertionError("a bug"), new StackOverflowError())) {
            events.clear();
            List<String> logged = LogLines.of(() -> {
                RunningStrand<String> running = inCall(ForeignCall.named("query")
                        .onCancel(
                                () -> {
                                    throw Throwing.<Exception>any(failure);
                                },
                                SHORT));
                running.cancel();
                assertThat(running.failure()).isInstanceOf(CancellationException.class);
            });
            assertThat(logged)
                    .anySatisfy(line -> assertThat(line).startsWith("WARNING").contains("query", failure.toString()));
        }
    }

    @Test
    void a_second_hook_that_fails_is_logged() {
        List<String> logged = LogLines.of(() -> {
            RunningStrand<String> running = inCall(
                    ForeignCall.named("query").onCancel(() -> {}, Duration.ZERO).thenClose(() -> {
                        server.countDown();
                        throw new AssertionError("can't close");
                    }));
            running.cancel();
            assertThat(running.value()).isEqualTo("answer");
        });

        assertThat(logged).anySatisfy(line -> assertThat(line).contains("query", "can't close"));
    }

    @Test
    void a_hook_that_hangs_delays_no_other_and_no_timer() throws InterruptedException {
        CountDownLatch hangs = new CountDownLatch(1);
        RunningStrand<String> stuck = inCall(ForeignCall.named("stuck").onCancel(hangs::await, LONG));
        stuck.cancel();

        CountDownLatch otherServer = new CountDownLatch(1);
        RunningStrand<String> other = RunningStrand.start(self -> ForeignCall.named("other")
                .onCancel(otherServer::countDown, LONG)
                .call(() -> {
                    events.add("other body");
                    otherServer.await();
                    return "answer";
                }));
        Eventually.isTrue("the other call is in", () -> events.contains("other body"));
        other.cancel();
        assertThat(other.value()).isEqualTo("answer");
        assertThat(Async.moveOnAfter(SHORT, () -> new CountDownLatch(1).await()))
                .isFalse();

        server.countDown();
        Eventually.waits(stuck.strand);
        hangs.countDown();
        assertThat(stuck.value()).isEqualTo("answer");
    }

    @Test
    void a_shielded_call_is_left_alone_until_the_grace_is_over() {
        AtomicReference<Shield> shield = new AtomicReference<>();
        ForeignCall call = ForeignCall.named("commit").onCancel(() -> events.add("hook"), Duration.ZERO);
        RunningStrand<Throwable> running = RunningStrand.start(self -> {
            Shield entered = new Shield(self, 200_000_000);
            shield.set(entered);
            entered.enter();
            try {
                call.call(() -> {
                    events.add("body");
                    server.await();
                    return true;
                });
                return entered.leave(null);
            } catch (Throwable t) {
                events.add("shield over: " + !entered.isShielding());
                return entered.leave(t);
            }
        });
        Eventually.isTrue("the call is in", () -> events.contains("body"));

        running.cancel();

        assertThat(running.value()).isInstanceOf(Cancelled.class);
        assertThat(events).containsExactly("body", "hook", "shield over: true");
    }

    @Test
    void a_call_around_a_cancelled_one_that_returns_is_stopped_by_its_own_hook() {
        CountDownLatch inner = new CountDownLatch(1);
        ForeignCall around = ForeignCall.named("transaction")
                .onCancel(
                        () -> {
                            events.add("hook of the outer call");
                            server.countDown();
                        },
                        LONG);
        RunningStrand<String> running = RunningStrand.start(self -> around.call(() -> {
            ForeignCall.named("query").onCancel(inner::countDown, LONG).call(() -> {
                events.add("body");
                inner.await();
                return "row";
            });
            server.await(); // not interrupted
            return "committed";
        }));
        Eventually.isTrue("the inner call is in", () -> events.contains("body"));

        running.cancel();

        assertThat(running.value()).isEqualTo("committed");
        assertThat(events).containsExactly("body", "hook of the outer call");
    }

    @Test
    void a_cancel_that_finds_a_call_behind_a_shield_is_left_to_its_hook() {
        AtomicReference<Suspension<String>> inside = new AtomicReference<>();
        ForeignCall call = ForeignCall.named("request").onCancel(server::countDown, LONG);
        RunningStrand<String> running = RunningStrand.start(self -> call.call(() -> {
            inside.set(new Suspension<>(self, "a callback of the driver"));
            String value = Async.shield(LONG, () -> inside.get().await());
            server.await(); // not interrupted
            return value;
        }));
        Eventually.isTrue("it has begun", () -> inside.get() != null);
        Eventually.waits(running.strand);

        running.cancel();
        inside.get().resume("called back");

        assertThat(running.value()).isEqualTo("called back");
    }

    @Test
    void a_call_on_a_thread_of_the_blocking_pool_is_stopped_by_its_hook() {
        ForeignCall call = ForeignCall.named("native read").onCancel(server::countDown, LONG);
        RunningStrand<String> running = RunningStrand.start(self -> Async.blocking(() -> call.call(() -> {
            events.add("body");
            server.await();
            return "bytes";
        })));
        Eventually.isTrue("the call is in", () -> events.contains("body"));

        running.cancel();

        assertThat(running.value()).isEqualTo("bytes");
    }

    @Test
    void bad_arguments_are_refused() {
        ForeignCall call = ForeignCall.named("query");

        assertThatNullPointerException()
                .isThrownBy(() -> ForeignCall.named(null))
                .withMessage("name");
        assertThatNullPointerException()
                .isThrownBy(() -> call.onCancel(null, LONG))
                .withMessage("hook");
        assertThatNullPointerException().isThrownBy(() -> call.onCancel(() -> {}, null));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> call.onCancel(() -> {}, Duration.ofMillis(-1)))
                .withMessageContaining("negative");
        assertThatIllegalStateException()
                .isThrownBy(() -> call.thenClose(() -> {}))
                .withMessageContaining("onCancel");
        assertThatNullPointerException()
                .isThrownBy(() -> call.onCancel(() -> {}, LONG).thenClose(null))
                .withMessage("hook");
    }
}
