package dev.yibu.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.yibu.Async;
import dev.yibu.Cancelled;
import dev.yibu.Task;
import java.io.IOException;
import java.io.InputStream;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who closes an answer, when, and what its readers get then. */
@Timeout(60)
class ClosingTest {
    private static Peer peerWithHalfABody() throws IOException {
        return new Peer(talk -> {
            talk.head();
            talk.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
            talk.awaitClose();
        });
    }

    @Test
    void a_close_on_another_thread_ends_the_read_that_is_under_way_and_gives_everything_back() throws Exception {
        try (Peer peer = peerWithHalfABody();
                HttpSession http = HttpSession.open()) {
            Async.run(() -> {
                HttpResponse response = http.get(peer.url("/")).open();
                InputStream body = response.body();
                assertThat(body.readNBytes(5)).asString().isEqualTo("hello");
                Thread closer = closingDuringARead(response);

                assertThatThrownBy(body::read)
                        .isInstanceOf(HttpTransferException.class)
                        .hasMessageContaining("closed on another thread");

                closer.join();
                assertThat(http.statistics().underWay()).isZero();
                assertThat(http.statistics().connections()).isZero();
                assertThatThrownBy(body::read).isInstanceOf(IOException.class).hasMessageContaining("is closed");
            });
            Until.isTrue("the server's end is closed", () -> peer.open() == 0);
        }
    }

    private static Thread closingDuringARead(HttpResponse response) {
        Thread reader = Thread.currentThread();
        return Thread.ofPlatform().start(() -> {
            Until.isTrue("it reads", () -> isReading(reader));
            response.close();
        });
    }

    private static boolean isReading(Thread thread) {
        for (StackTraceElement frame : thread.getStackTrace()) {
            if (frame.getClassName().equals(Wire.class.getName())) {
                return true;
            }
        }
        return false;
    }

    @Test
    void that_two_tasks_read_in_the_same_moment_is_an_error_and_spoils_nothing() throws Exception {
        CountDownLatch more = new CountDownLatch(1);
        try (Peer peer = new Peer(talk -> {
                    talk.head();
                    talk.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
                    more.await();
                    talk.send("world");
                });
                HttpSession http = HttpSession.open()) {
            Async.run(() -> {
                HttpResponse response = http.get(peer.url("/")).open();
                Thread main = Thread.currentThread();
                Task<?> other = Async.createTask(() -> {
                    Async.blocking(() -> Until.isTrue("it reads", () -> isReading(main)));
                    try {
                        assertThatThrownBy(() -> response.body().read())
                                .isInstanceOf(IllegalStateException.class)
                                .hasMessageContaining("two tasks");
                        assertThatThrownBy(response::bytes).isInstanceOf(IllegalStateException.class);
                    } finally {
                        more.countDown();
                    }
                });
                assertThat(response.body().readAllBytes()).asString().isEqualTo("helloworld");
                other.await();
            });
        }
    }

    @Test
    void a_closed_answer_can_be_closed_again_but_its_body_can_not_be_had() throws Exception {
        try (Peer peer = peerWithHalfABody();
                HttpSession http = HttpSession.open()) {
            Async.run(() -> {
                HttpResponse response = http.get(peer.url("/")).open();
                response.close();
                response.close();

                assertThat(response.status()).isEqualTo(200);
                assertThatThrownBy(response::bytes).isInstanceOf(IllegalStateException.class);
                assertThatThrownBy(response::text).isInstanceOf(IllegalStateException.class);
                assertThatThrownBy(() -> response.forEachChunk(10, _ -> {})).isInstanceOf(IllegalStateException.class);
                assertThatThrownBy(() -> response.body().read()).isInstanceOf(IOException.class);
                assertThatThrownBy(() -> response.body().available()).isInstanceOf(IOException.class);
            });
        }
    }

    /** It is out of the scope's hands by then, and not yet out of its user's. */
    @Test
    void an_answer_that_was_read_to_its_end_stays_there_while_others_are_opened() throws Exception {
        try (Server server = new Server();
                HttpSession http = HttpSession.open()) {
            server.text("/", "well");
            Async.run(() -> {
                InputStream first = http.get(server.url("/")).open().body();
                assertThat(first.readAllBytes()).asString().isEqualTo("well");
                for (int i = 0; i < 3; i++) {
                    http.get(server.url("/")).open().bytes();
                }
                assertThat(first.read()).isEqualTo(-1);
                assertThat(first.readAllBytes()).isEmpty();
            });
        }
    }

    @Test
    void what_is_in_memory_outlives_the_close() throws Exception {
        try (Server server = new Server();
                HttpSession http = HttpSession.open()) {
            server.text("/", "well");
            HttpResponse response = http.get(server.url("/")).fetch();
            response.close();

            assertThat(response.text()).isEqualTo("well");
            assertThat(response.body().readAllBytes()).asString().isEqualTo("well");
        }
    }

    /** OkHttp gives a connection back with the last byte. From then on it is no business of that answer's. */
    @Test
    void closes_that_race_with_the_last_read_never_hit_the_next_user_of_the_connection() throws Exception {
        long seed = Long.getLong("yibu.seed", System.nanoTime());
        System.out.println("-Dyibu.seed=" + seed);
        Random random = new Random(seed);
        try (Peer peer = new Peer(talk -> {
                    while (talk.head() != null) {
                        talk.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe");
                        talk.send("llo");
                    }
                });
                HttpSession http = HttpSession.open()) {
            for (int i = 0; i < 500; i++) {
                int pause = random.nextInt(3_000);
                Async.run(() -> {
                    HttpResponse response = http.post(peer.url("/")).open();
                    CountDownLatch begin = new CountDownLatch(1);
                    Thread closer = Thread.ofPlatform().start(() -> {
                        begin.countDown();
                        for (int turn = 0; turn < pause; turn++) {
                            Thread.onSpinWait();
                        }
                        response.close();
                    });
                    begin.await();
                    Throwable thrown = catchThrowable(() -> response.body().readAllBytes());
                    assertThat(thrown == null || thrown instanceof IOException).isTrue();
                    // no retry for a POST: it fails if its connection is closed meanwhile
                    assertThat(http.post(peer.url("/")).text()).isEqualTo("hello");
                    closer.join();
                });
            }
            assertThat(http.statistics().underWay()).isZero();
        }
    }

    @Test
    void what_stopped_a_request_is_told_in_the_cause_of_its_cancellation() throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        AtomicReference<Throwable> cause = new AtomicReference<>();
        try (Peer peer = new Peer(talk -> {
                    talk.head();
                    arrived.countDown();
                    talk.awaitClose();
                });
                HttpSession http = HttpSession.open()) {
            Async.run(() -> {
                Task<?> task = Async.createTask(() -> {
                    try {
                        http.get(peer.url("/")).text();
                    } catch (Cancelled e) {
                        cause.set(e.getCause());
                        throw e;
                    }
                });
                Async.blocking(() -> arrived.await());
                task.cancel("enough");
                assertThat(catchThrowable(task::await)).isInstanceOf(CancellationException.class);
            });
        }
        assertThat(cause.get()).isInstanceOf(HttpTransferException.class).hasMessageContaining("it was cancelled");
    }
}
