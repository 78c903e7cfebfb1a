package dev.yibu.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.Action;
import dev.yibu.Async;
import dev.yibu.Task;
import dev.yibu.TimeoutException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A cancel in each phase of a request: the task ends at once, nothing is left, and the next request is served. */
@Timeout(60)
class CancelTest {
    private static final HttpOptions ONE = HttpOptions.DEFAULT.withLimits(HttpLimits.DEFAULT.withConnections(1, 1));

    /** Cancels a request when it has got as far as the given latch says, and looks at what is left. */
    private static void cancelWhen(HttpSession http, CountDownLatch phase, Action<IOException> request)
            throws Exception {
        Async.run(() -> {
            Task<?> task = Async.createTask(request);
            Async.blocking(() -> phase.await());
            task.cancel("enough");
            assertThatThrownBy(task::await).isInstanceOf(CancellationException.class);
        });
        assertThat(http.statistics().underWay()).isZero();
        assertThat(http.statistics().waiting()).isZero();
    }

    private static void isWhole(HttpSession http) throws Exception {
        try (Server server = new Server()) {
            server.text("/", "well");
            assertThat(http.get(server.url("/")).text()).isEqualTo("well");
        }
    }

    @Test
    void before_it_is_sent() throws Exception {
        try (Server server = new Server();
                HttpSession http = HttpSession.open()) {
            server.text("/", "well");
            Async.run(() -> {
                Task<?> task = Async.createTask(() -> {
                    Async.currentTask().cancel("enough");
                    http.get(server.url("/")).text();
                });
                assertThatThrownBy(task::await).isInstanceOf(CancellationException.class);
            });
            assertThat(server.seen).isEmpty();
            isWhole(http);
        }
    }

    @Test
    void while_it_waits_for_a_place() throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        try (Peer peer = new Peer(talk -> {
                    talk.head();
                    arrived.countDown();
                    talk.awaitClose();
                });
                HttpSession http = HttpSession.open(ONE)) {
            Async.run(() -> {
                Task<?> holder = Async.createTask(() -> http.get(peer.url("/")).text());
                Async.blocking(() -> arrived.await());
                Task<?> waiter = Async.createTask(() -> http.get(peer.url("/")).text());
                while (http.statistics().waiting() == 0) {
                    Async.sleep(Duration.ZERO);
                }
                waiter.cancel("enough");
                assertThatThrownBy(waiter::await).isInstanceOf(CancellationException.class);
                assertThat(http.statistics().waiting()).isZero();
                assertThat(http.statistics().underWay()).isEqualTo(1);
                holder.cancel("enough");
                assertThatThrownBy(holder::await).isInstanceOf(CancellationException.class);
            });
            isWhole(http);
        }
    }

    @Test
    void while_the_name_is_looked_up() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch answer = new CountDownLatch(1);
        try (HttpSession http = HttpSession.open(ONE, host -> {
            asked.countDown();
            awaitForEver(answer);
            return InetAddress.getAllByName(host);
        })) {
            cancelWhen(http, asked, () -> http.get("http://slow.example/").text());
            isWhole(http);
        } finally {
            answer.countDown();
        }
    }

    private static void awaitForEver(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void while_it_connects() throws Exception {
        List<Socket> fill = new ArrayList<>();
        try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                HttpSession http = HttpSession.open(ONE)) {
            fillBacklog(full, fill);
            String url = "http://127.0.0.1:" + full.getLocalPort() + "/";
            CountDownLatch running = new CountDownLatch(1);
            cancelWhen(http, running, () -> {
                running.countDown();
                http.get(url).text();
            });
            isWhole(http);
        } finally {
            for (Socket socket : fill) {
                socket.close();
            }
        }
    }

    /** Until the kernel answers no more. */
    private static void fillBacklog(ServerSocket full, List<Socket> fill) throws IOException {
        for (int i = 0; i < 64; i++) {
            Socket socket = new Socket();
            fill.add(socket);
            try {
                socket.connect(new InetSocketAddress(full.getInetAddress(), full.getLocalPort()), 300);
            } catch (java.net.SocketTimeoutException e) {
                return;
            }
        }
        throw new AssertionError("the backlog can't be filled");
    }

    @Test
    void during_the_tls_handshake() throws Exception {
        CountDownLatch hello = new CountDownLatch(1);
        try (Peer peer = new Peer(talk -> {
                    talk.body(1);
                    hello.countDown();
                    talk.awaitClose();
                });
                HttpSession http = HttpSession.open(ONE)) {
            cancelWhen(
                    http,
                    hello,
                    () -> http.get("https://127.0.0.1:" + peer.port() + "/").text());
            Until.isTrue("the server's end is closed", () -> peer.open() == 0);
            isWhole(http);
        }
    }

    @Test
    void while_it_waits_for_the_answer() throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        try (Peer peer = new Peer(talk -> {
                    talk.head();
                    arrived.countDown();
                    talk.awaitClose();
                });
                HttpSession http = HttpSession.open(ONE)) {
            cancelWhen(http, arrived, () -> http.get(peer.url("/")).text());
            assertThat(http.statistics().connections()).isZero();
            Until.isTrue("the server's end is closed", () -> peer.open() == 0);
            isWhole(http);
        }
    }

    @Test
    void while_it_reads_the_body_into_memory() throws Exception {
        CountDownLatch half = new CountDownLatch(1);
        try (Peer peer = new Peer(talk -> {
                    talk.head();
                    talk.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
                    half.countDown();
                    talk.awaitClose();
                });
                HttpSession http = HttpSession.open(ONE)) {
            cancelWhen(http, half, () -> http.get(peer.url("/")).text());
            assertThat(http.statistics().connections()).isZero();
            isWhole(http);
        }
    }

    @Test
    void while_it_reads_the_body_as_a_stream() throws Exception {
        CountDownLatch half = new CountDownLatch(1);
        try (Peer peer = new Peer(talk -> {
                    talk.head();
                    talk.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
                    talk.awaitClose();
                });
                HttpSession http = HttpSession.open(ONE)) {
            cancelWhen(http, half, () -> {
                HttpResponse response = http.get(peer.url("/")).open();
                InputStream body = response.body();
                assertThat(body.readNBytes(5)).asString().isEqualTo("hello");
                half.countDown();
                body.read();
            });
            assertThat(http.statistics().connections()).isZero();
            isWhole(http);
        }
    }

    @Test
    void while_it_reads_the_body_into_a_file(@TempDir Path folder) throws Exception {
        CountDownLatch half = new CountDownLatch(1);
        try (Peer peer = new Peer(talk -> {
                    talk.head();
                    talk.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
                    half.countDown();
                    talk.awaitClose();
                });
                HttpSession http = HttpSession.open(ONE)) {
            cancelWhen(http, half, () -> http.get(peer.url("/")).toFile(folder.resolve("file")));
            assertThat(folder).isEmptyDirectory();
            assertThat(http.statistics().connections()).isZero();
            isWhole(http);
        }
    }

    @Test
    void while_it_writes_a_body_that_nobody_takes() throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(1);
        try (Peer peer = new Peer(talk -> {
                    talk.head();
                    arrived.countDown();
                    awaitForEver(done);
                });
                HttpSession http = HttpSession.open(ONE)) {
            HttpBody endless = HttpBody.writing("text/plain", out -> {
                byte[] chunk = new byte[100_000];
                for (; ; ) {
                    out.write(chunk);
                }
            });
            cancelWhen(
                    http, arrived, () -> http.post(peer.url("/")).body(endless).text());
            assertThat(http.statistics().connections()).isZero();
            isWhole(http);
        } finally {
            done.countDown();
        }
    }

    @Test
    void while_the_body_itself_waits() throws Exception {
        CountDownLatch waiting = new CountDownLatch(1);
        try (Server server = new Server();
                HttpSession http = HttpSession.open(ONE)) {
            server.text("/", "well");
            HttpBody slow = HttpBody.writing("text/plain", out -> {
                out.write(1);
                waiting.countDown();
                Async.sleep(Duration.ofDays(1));
            });
            cancelWhen(
                    http, waiting, () -> http.post(server.url("/")).body(slow).text());
            isWhole(http);
        }
    }

    @Test
    void while_it_reads_a_file_from_which_nothing_comes(@TempDir Path folder) throws Exception {
        Path pipe = folder.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        CountDownLatch arrived = new CountDownLatch(1);
        try (Peer peer = new Peer(Peer.Talk::awaitClose);
                HttpSession http = HttpSession.open(ONE)) {
            try (FileChannel end = FileChannel.open(pipe, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                Path file = Files.writeString(folder.resolve("file"), "content");
                HttpBody body = Multipart.create()
                        .file("file", file, "image/x")
                        .file("pipe", pipe, "image/x")
                        .body();
                Thread.ofPlatform().start(() -> {
                    Until.isTrue("it reads the pipe", CancelTest::isReadingAFile);
                    arrived.countDown();
                });
                cancelWhen(
                        http, arrived, () -> http.post(peer.url("/")).body(body).text());
                assertThat(isReadingAFile()).as("the read was left behind").isTrue();
                assertThat(end.isOpen()).isTrue();
                isWhole(http);
            } // now what was left behind ends
            Until.isTrue("the pipe is closed", () -> !isOpen(pipe));
        }
    }

    private static boolean isReadingAFile() {
        return Thread.getAllStackTraces().entrySet().stream()
                .filter(thread -> thread.getKey().getName().startsWith("yibu-blocking-"))
                .map(Map.Entry::getValue)
                .anyMatch(stack -> stack.length > 0 && stack[0].getMethodName().equals("read0"));
    }

    private static boolean isOpen(Path file) {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors.anyMatch(descriptor -> {
                try {
                    return Files.readSymbolicLink(descriptor).equals(file.toRealPath());
                } catch (IOException e) {
                    return false; // closed meanwhile
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void while_it_pauses_before_another_attempt() throws Exception {
        CountDownLatch failed = new CountDownLatch(1);
        try (Peer peer = new Peer(talk -> {
                    talk.head();
                    talk.reset();
                });
                HttpSession http = HttpSession.open(ONE)) {
            cancelWhen(
                    http,
                    failed,
                    () -> http.get(peer.url("/"))
                            .retry(dev.yibu.Retry.fixed(5, Duration.ofDays(1)).withListener(_ -> failed.countDown()))
                            .text());
            isWhole(http);
        }
    }

    @Test
    void a_cancelled_task_can_still_close_the_session_and_what_is_open_in_it() throws Exception {
        CountDownLatch half = new CountDownLatch(1);
        try (Peer peer = new Peer(talk -> {
            talk.head();
            talk.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
            half.countDown();
            talk.awaitClose();
        })) {
            AtomicReference<HttpSession.Statistics> left = new AtomicReference<>();
            AtomicBoolean flag = new AtomicBoolean();
            Async.run(() -> {
                Task<?> task = Async.createTask(() -> {
                    HttpSession http = HttpSession.open();
                    try (http;
                            HttpResponse response = http.get(peer.url("/")).open()) {
                        response.body().readNBytes(10);
                    } finally {
                        left.set(http.statistics());
                        assertThatThrownBy(() -> http.get(peer.url("/"))).isInstanceOf(IllegalStateException.class);
                        flag.set(Thread.currentThread().isInterrupted());
                    }
                });
                Async.blocking(() -> half.await());
                task.cancel("enough");
                assertThatThrownBy(task::await).isInstanceOf(CancellationException.class);
            });
            assertThat(left.get()).isEqualTo(new HttpSession.Statistics(0, 0, 0, 0));
            assertThat(flag).isFalse();
            Until.isTrue("the server's end is closed", () -> peer.open() == 0);
        }
    }

    @Test
    void the_deadline_of_an_enclosing_block_is_a_timeout_of_that_block() throws Exception {
        try (Peer peer = new Peer(talk -> {
                    talk.head();
                    talk.awaitClose();
                });
                HttpSession http = HttpSession.open(ONE)) {
            assertThatThrownBy(() -> Async.timeout(
                            Duration.ofMillis(50), () -> http.get(peer.url("/")).text()))
                    .isInstanceOf(TimeoutException.class);
            assertThat(http.statistics().underWay()).isZero();
            isWhole(http);
        }
    }

    @Test
    void an_interrupt_from_outside_ends_a_request_of_a_virtual_thread_that_is_no_task() throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        AtomicBoolean flag = new AtomicBoolean();
        try (Peer peer = new Peer(talk -> {
                    talk.head();
                    arrived.countDown();
                    talk.awaitClose();
                });
                HttpSession http = HttpSession.open(ONE)) {
            Thread outsider = Thread.ofVirtual().start(() -> {
                try {
                    http.get(peer.url("/")).text();
                } catch (Throwable t) {
                    thrown.set(t);
                }
                flag.set(Thread.interrupted());
            });
            arrived.await();
            outsider.interrupt();
            outsider.join();
            assertThat(thrown.get()).isInstanceOf(CancellationException.class);
            assertThat(flag).isTrue();
            isWhole(http);
        }
    }
}
