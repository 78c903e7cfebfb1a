package dev.yibu;

import static dev.yibu.Async.createTask;
import static dev.yibu.Async.moveOnAfter;
import static dev.yibu.Async.run;
import static dev.yibu.Async.shield;
import static dev.yibu.Async.timeout;
import static dev.yibu.Async.usingRun;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.lowlevel.Eventually;
import dev.yibu.lowlevel.Hang;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Cancels and deadlines stop what blocks in the JDK, and clean-up can use other sockets and files afterwards. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class InterruptForeignCodeTest {
    private static final Duration SHORT = Duration.ofMillis(20);

    @TempDir
    Path folder;

    /** Runs a body in a task, on a virtual thread. */
    private static void inTask(Action<Exception> body) throws Exception {
        run(() -> createTask(body).await(Exception.class));
    }

    @ParameterizedTest
    @MethodSource("dev.yibu.lowlevel.Hang#all")
    void a_cancel_stops_it_and_the_task_is_cancelled(Hang hang) throws Exception {
        AtomicReference<Thread> thread = new AtomicReference<>();
        try (hang) {
            Hang.Call call = hang.open();
            run(() -> {
                Task<?> task = createTask(() -> {
                    thread.set(Thread.currentThread());
                    call.run();
                });
                Eventually.isTrue("the task begins", () -> thread.get() != null);
                Eventually.blocks(thread.get());
                task.cancel("enough");
                Eventually.isTrue("the task ends", task::isDone);
                assertThat(task.state()).isEqualTo(Task.State.CANCELLED);
            });
        }
    }

    @ParameterizedTest
    @MethodSource("dev.yibu.lowlevel.Hang#all")
    void a_deadline_stops_it_and_the_timeout_is_thrown_with_what_it_made_of_the_call(Hang hang) throws Exception {
        try (hang) {
            Hang.Call call = hang.open();
            inTask(() -> {
                assertThatThrownBy(() -> timeout(SHORT, call::run))
                        .isInstanceOf(TimeoutException.class)
                        .hasCauseInstanceOf(Exception.class);
                cleanUpElsewhere();
            });
        }
    }

    @ParameterizedTest
    @MethodSource("dev.yibu.lowlevel.Hang#onSockets")
    void a_release_can_use_other_sockets_and_files(Hang hang) throws Exception {
        List<String> released = new CopyOnWriteArrayList<>();
        try (hang) {
            Hang.Call call = hang.open();
            inTask(() -> assertThat(moveOnAfter(
                            SHORT,
                            () -> usingRun(
                                    () -> "connection",
                                    resource -> {
                                        cleanUpElsewhere();
                                        released.add(resource);
                                    },
                                    _ -> call.run())))
                    .isFalse());
        }
        assertThat(released).containsExactly("connection");
    }

    @ParameterizedTest
    @MethodSource("dev.yibu.lowlevel.Hang#onSockets")
    void a_shield_can_use_other_sockets_and_files(Hang hang) throws Exception {
        List<String> cleaned = new CopyOnWriteArrayList<>();
        try (hang) {
            Hang.Call call = hang.open();
            inTask(() -> assertThatThrownBy(() -> timeout(SHORT, () -> {
                        try {
                            call.run();
                        } finally {
                            shield(Duration.ofSeconds(10), () -> {
                                cleanUpElsewhere();
                                cleaned.add("yes");
                            });
                        }
                    }))
                    .isInstanceOf(TimeoutException.class));
        }
        assertThat(cleaned).containsExactly("yes");
    }

    @ParameterizedTest
    @MethodSource("dev.yibu.lowlevel.Hang#onSockets")
    void the_releases_of_a_stack_can_use_other_sockets_and_files(Hang hang) throws Exception {
        List<String> released = new CopyOnWriteArrayList<>();
        try (hang) {
            Hang.Call call = hang.open();
            inTask(() -> assertThatThrownBy(() -> timeout(SHORT, () -> {
                        try (ResourceStack stack = new ResourceStack()) {
                            for (String name : List.of("first", "second")) {
                                stack.<Exception>defer(() -> {
                                    cleanUpElsewhere();
                                    released.add(name);
                                });
                            }
                            call.run();
                        }
                    }))
                    .isInstanceOf(TimeoutException.class));
        }
        assertThat(released).containsExactly("second", "first");
    }

    @Test
    void an_interrupt_from_outside_hits_the_socket_and_not_the_release() throws Exception {
        Hang hang = Hang.onSockets().findFirst().orElseThrow();
        List<String> released = new CopyOnWriteArrayList<>();
        AtomicReference<Thread> thread = new AtomicReference<>();
        try (hang) {
            Hang.Call call = hang.open();
            run(() -> {
                Task<?> task = createTask(() -> usingRun(
                        () -> "connection",
                        resource -> {
                            cleanUpElsewhere();
                            released.add(resource);
                        },
                        _ -> {
                            thread.set(Thread.currentThread());
                            call.run();
                        }));
                Eventually.isTrue("the task begins", () -> thread.get() != null);
                Eventually.blocks(thread.get());
                thread.get().interrupt();
                Eventually.isTrue("the task ends", task::isDone);
                assertThat(task.outcome()).isPresent();
            });
        }
        assertThat(released).containsExactly("connection");
    }

    @Test
    void what_an_interrupt_makes_of_a_socket_passes_unchanged_where_nobody_cancelled() throws Exception {
        Hang hang = Hang.onSockets().findFirst().orElseThrow();
        AtomicReference<Thread> thread = new AtomicReference<>();
        try (hang) {
            Hang.Call call = hang.open();
            run(() -> {
                Task<?> task = createTask(() -> {
                    thread.set(Thread.currentThread());
                    call.run();
                });
                Eventually.isTrue("the task begins", () -> thread.get() != null);
                Eventually.blocks(thread.get());
                thread.get().interrupt();
                Eventually.isTrue("the task ends", task::isDone);
                assertThat(task.exceptionNow())
                        .isInstanceOf(SocketException.class)
                        .hasMessage("Closed by interrupt");
            });
        }
    }

    /** Fails if an interrupt flag is left over: it would close the socket or the channel. */
    private void cleanUpElsewhere() throws IOException {
        InetAddress here = InetAddress.getLoopbackAddress();
        try (ServerSocket server = new ServerSocket(0, 1, here);
                Socket client = new Socket(here, server.getLocalPort());
                Socket accepted = server.accept()) {
            client.getOutputStream().write(7);
            assertThat(accepted.getInputStream().read()).isEqualTo(7);
        }
        Path file = Files.writeString(folder.resolve("log"), "rolled back");
        assertThat(Files.readString(file)).isEqualTo("rolled back");
        try (FileChannel channel = FileChannel.open(file)) {
            assertThat(channel.read(ByteBuffer.allocate(64))).isEqualTo(11);
        }
    }
}
