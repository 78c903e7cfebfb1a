package dev.yibu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.lowlevel.Eventually;
import dev.yibu.lowlevel.Fifo;
import dev.yibu.lowlevel.Hang;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.Selector;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the runtime takes for granted about the JDK. If one of these fails on a new JDK, the design has to be looked at. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PlatformFactsTest {
    private static final ScopedValue<String> SCOPED = ScopedValue.newInstance();
    private static final InheritableThreadLocal<String> INHERITABLE = new InheritableThreadLocal<>();

    private interface Body<T> {
        T run() throws Exception;
    }

    /** Runs a body on a virtual thread. */
    private static <T> T virtually(Body<T> body) throws Exception {
        FutureTask<T> task = new FutureTask<>(body::run);
        Thread.startVirtualThread(task);
        return task.get();
    }

    // ---------------------------------------------------------------- context

    @Test
    void scoped_values_are_not_inherited_by_plain_virtual_threads_but_inheritable_thread_locals_are() throws Exception {
        INHERITABLE.set("inherited");
        try {
            boolean bound = ScopedValue.where(SCOPED, "bound").call(() -> virtually(SCOPED::isBound));
            assertThat(bound).isFalse();
            assertThat(PlatformFactsTest.<String>virtually(INHERITABLE::get)).isEqualTo("inherited");
        } finally {
            INHERITABLE.remove();
        }
    }

    // ---------------------------------------------------------------- the interrupt flag

    @Test
    void an_interrupt_is_an_edge_the_exception_clears_the_flag_and_the_next_wait_is_not_stopped() throws Exception {
        assertThat(PlatformFactsTest.<Boolean>virtually(() -> {
                    Thread.currentThread().interrupt();
                    assertThatThrownBy(() -> Thread.sleep(1)).isInstanceOf(InterruptedException.class);
                    Thread.sleep(1);
                    return Thread.currentThread().isInterrupted();
                }))
                .isFalse();
    }

    @Test
    void with_the_flag_set_acquire_and_take_throw_though_they_need_not_wait() throws Exception {
        virtually(() -> {
            Semaphore free = new Semaphore(1);
            Thread.currentThread().interrupt();
            assertThatThrownBy(free::acquire).isInstanceOf(InterruptedException.class);
            LinkedBlockingQueue<String> full = new LinkedBlockingQueue<>(List.of("item"));
            Thread.currentThread().interrupt();
            assertThatThrownBy(full::take).isInstanceOf(InterruptedException.class);
            assertThat(free.availablePermits()).isEqualTo(1);
            assertThat(full).containsExactly("item");
            return true;
        });
    }

    @Test
    void with_the_flag_set_a_done_future_yields_its_value_and_the_flag_stays() throws Exception {
        virtually(() -> {
            Thread.currentThread().interrupt();
            assertThat(CompletableFuture.completedFuture("done").get()).isEqualTo("done");
            assertThat(Thread.interrupted()).isTrue();
            return true;
        });
    }

    @Test
    void with_the_flag_set_park_returns_at_once_and_keeps_it() throws Exception {
        virtually(() -> {
            Thread.currentThread().interrupt();
            LockSupport.park(this);
            assertThat(Thread.interrupted()).isTrue();
            return true;
        });
    }

    @Test
    void an_unpark_before_the_park_is_not_lost() throws Exception {
        virtually(() -> {
            LockSupport.unpark(Thread.currentThread());
            LockSupport.park(this);
            return true;
        });
    }

    @Test
    void a_lock_and_the_join_of_a_future_are_not_stopped_by_an_interrupt() throws Exception {
        ReentrantLock lock = new ReentrantLock();
        CompletableFuture<String> future = new CompletableFuture<>();
        lock.lock();
        Thread locking = Thread.startVirtualThread(() -> {
            lock.lock();
            lock.unlock();
        });
        Thread joining = Thread.startVirtualThread(future::join);
        for (Thread thread : List.of(locking, joining)) {
            Eventually.blocks(thread);
            thread.interrupt();
            Eventually.blocks(thread);
            assertThat(thread.isAlive()).isTrue();
        }
        lock.unlock();
        future.complete("done");
        locking.join();
        joining.join();
    }

    // ---------------------------------------------------------------- foreign code that an interrupt stops

    @ParameterizedTest
    @MethodSource("dev.yibu.lowlevel.Hang#inMemory")
    void an_interrupt_stops_what_waits_in_memory_and_clears_the_flag(Hang hang) throws Exception {
        FutureTask<Boolean> result = interrupted(hang);

        assertThatThrownBy(result::get).hasCauseInstanceOf(InterruptedException.class);
        assertThat(flagAfterwards).isFalse();
    }

    @ParameterizedTest
    @MethodSource("dev.yibu.lowlevel.Hang#onSockets")
    void an_interrupt_stops_what_waits_on_a_socket_and_the_flag_stays(Hang hang) throws Exception {
        FutureTask<Boolean> result = interrupted(hang);

        assertThatThrownBy(result::get)
                .cause()
                .satisfiesAnyOf(
                        e -> assertThat(e).isInstanceOf(SocketException.class).hasMessage("Closed by interrupt"),
                        e -> assertThat(e).isInstanceOf(ClosedByInterruptException.class));
        assertThat(flagAfterwards).isTrue();
    }

    private volatile boolean flagAfterwards;

    private FutureTask<Boolean> interrupted(Hang hang) throws InterruptedException {
        try (hang) {
            Hang.Call call = hang.open();
            FutureTask<Boolean> result = new FutureTask<>(() -> {
                try {
                    call.run();
                } finally {
                    flagAfterwards = Thread.currentThread().isInterrupted();
                }
                return true;
            });
            Thread thread = Thread.startVirtualThread(result);
            Eventually.blocks(thread);
            thread.interrupt();
            thread.join();
            return result;
        }
    }

    @Test
    void an_interrupted_socket_is_closed() throws Exception {
        InetAddress here = InetAddress.getLoopbackAddress();
        try (ServerSocket server = new ServerSocket(0, 1, here);
                Socket socket = new Socket(here, server.getLocalPort())) {
            virtually(() -> {
                Thread.currentThread().interrupt();
                assertThatThrownBy(() -> socket.getInputStream().read()).hasMessage("Closed by interrupt");
                return true;
            });
            assertThat(socket.isClosed()).isTrue();
        }
    }

    @Test
    void a_flag_that_is_left_over_closes_the_next_file_channel(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "text");
        virtually(() -> {
            try (FileChannel channel = FileChannel.open(file)) {
                Thread.currentThread().interrupt();
                assertThatThrownBy(() -> channel.read(ByteBuffer.allocate(4)))
                        .isInstanceOf(ClosedByInterruptException.class);
                assertThat(channel.isOpen()).isFalse();
                return true;
            }
        });
    }

    @Test
    void an_interrupted_select_returns_with_its_selector_open_and_the_flag_set() throws Exception {
        virtually(() -> {
            try (Selector selector = Selector.open()) {
                Thread.currentThread().interrupt();
                assertThat(selector.select()).isZero();
                assertThat(selector.isOpen()).isTrue();
                assertThat(Thread.interrupted()).isTrue();
                return true;
            }
        });
    }

    /** JDK-8321594. */
    @Test
    @DisabledOnOs(OS.WINDOWS)
    void interrupting_a_virtual_thread_that_reads_a_pipe_through_a_file_channel_blocks_the_interrupter(
            @TempDir Path folder) throws Exception {
        try (Fifo fifo = Fifo.in(folder)) {
            FutureTask<Boolean> read = new FutureTask<>(() -> {
                fifo.read();
                return true;
            });
            Thread reader = Thread.startVirtualThread(read);
            Fifo.isRead(reader);
            Thread interrupter = Thread.ofPlatform().daemon().start(reader::interrupt);
            Fifo.isClosed(interrupter);

            Eventually.blocks(interrupter);
            assertThat(reader.isAlive()).isTrue();
            fifo.write();
            interrupter.join();
            assertThatThrownBy(read::get).hasCauseInstanceOf(ClosedByInterruptException.class);
        }
    }

    // ---------------------------------------------------------------- virtual threads

    @Test
    void the_stack_and_the_blocker_of_a_parked_virtual_thread_can_be_seen() throws InterruptedException {
        Object blocker = new Object();
        Thread parked = Thread.startVirtualThread(() -> LockSupport.park(blocker));
        Eventually.blocks(parked);

        assertThat(parked.getStackTrace())
                .anySatisfy(frame -> assertThat(frame.getClassName()).contains("PlatformFactsTest"));
        assertThat(LockSupport.getBlocker(parked)).isSameAs(blocker);

        LockSupport.unpark(parked);
        parked.join();
    }

    /** JEP 491. */
    @Test
    void a_virtual_thread_that_waits_inside_a_monitor_does_not_hold_its_carrier() throws Exception {
        CountDownLatch open = new CountDownLatch(1);
        List<Thread> waiting = new ArrayList<>();
        for (int i = 0; i < Runtime.getRuntime().availableProcessors() + 4; i++) {
            Object monitor = new Object();
            waiting.add(Thread.startVirtualThread(() -> {
                synchronized (monitor) {
                    try {
                        open.await();
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                }
            }));
        }
        waiting.forEach(Eventually::blocks);

        assertThat(PlatformFactsTest.<String>virtually(() -> "others run")).isEqualTo("others run");

        open.countDown();
        for (Thread thread : waiting) {
            thread.join();
        }
    }

    /** The tests that count threads rely on it. */
    @Test
    void thread_numbers_count_all_threads_virtual_and_platform() {
        long first = Thread.ofVirtual().unstarted(() -> {}).threadId();
        Thread.ofPlatform().unstarted(() -> {});
        Thread.ofVirtual().unstarted(() -> {});
        long last = Thread.ofPlatform().unstarted(() -> {}).threadId();

        assertThat(last - first).isGreaterThanOrEqualTo(3);
    }
}
