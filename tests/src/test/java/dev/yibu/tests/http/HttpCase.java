package dev.yibu.tests.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.yibu.Async;
import dev.yibu.http.HttpException;
import dev.yibu.http.HttpOptions;
import dev.yibu.http.HttpSession;
import dev.yibu.http.HttpTls;
import dev.yibu.tests.adapters.Inventory;
import dev.yibu.tests.adapters.OkHttpThreads;
import dev.yibu.tests.servers.Certificates;
import dev.yibu.tests.servers.Connection.Request;
import dev.yibu.tests.servers.ScriptedServer;
import dev.yibu.tests.servers.Until;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/**
 * A test of the HTTP client with a server that may misbehave. At its end nothing is left: no place of the session is taken,
 * and no socket, file, thread or task is there that was not there before.
 */
@Timeout(120)
@EnabledOnOs(value = OS.LINUX, disabledReason = "what the process has is read from /proc")
abstract class HttpCase {
    /** Far more than any of these requests takes if its time-outs work. */
    static final Duration DEADLINE = Duration.ofSeconds(30);

    static final HttpOptions OPTIONS = HttpOptions.DEFAULT.withTls(
            HttpTls.DEFAULT.trusting(Certificates.local().keyStore()));

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private Inventory before;

    @BeforeEach
    void see_what_there_is() {
        before = Inventory.take(HttpCase::isOfOkHttp);
    }

    /** A part of each test. */
    @AfterEach
    void nothing_is_left() throws Exception {
        while (!opened.isEmpty()) {
            opened.pop().close();
        }
        AtomicReference<List<String>> left = new AtomicReference<>();
        try {
            Until.isTrue("nothing is left", () -> {
                left.set(Inventory.take(HttpCase::isOfOkHttp).since(before));
                return left.get().isEmpty();
            });
        } catch (AssertionError e) {
            throw new AssertionError("left: " + left, e);
        }
    }

    private static boolean isOfOkHttp(String threadName) {
        return OkHttpThreads.areShared(threadName) || threadName.startsWith("yibu-http-dns");
    }

    /** Closes it at the end of the test, before what was opened earlier. */
    final <C extends AutoCloseable> C closing(C opened) {
        this.opened.push(opened);
        return opened;
    }

    final HttpSession session(HttpOptions options) {
        return closing(HttpSession.open(options));
    }

    final HttpSession session() {
        return session(OPTIONS);
    }

    /** Answers "/hello" as it should; any other path as the script does, which then closes the connection. */
    final ScriptedServer server(ScriptedServer.Script misbehaviour) {
        return closing(ScriptedServer.start(connection -> {
            for (Request request = connection.readHead(); request != null; request = connection.readHead()) {
                if (!request.target().equals("/hello")) {
                    misbehaviour.serve(connection);
                    return;
                }
                connection.answer("hello");
            }
        }));
    }

    /** What a request throws, which must be in good time. */
    static Throwable thrownBy(Callable<?> request) {
        Throwable thrown = catchThrowable(() -> Async.timeout(DEADLINE, request::call));
        assertThat(thrown).as("it fails").isNotNull();
        return thrown;
    }

    /** Whether an exception is of the family, and tells what it is about. */
    static void assertClear(Throwable thrown, Class<? extends HttpException> type, String url, String words) {
        assertThat(thrown).isInstanceOf(type).hasMessageContaining(url).hasMessageContaining(words);
        assertThat(((HttpException) thrown).url()).isEqualTo(url);
    }

    static void assertThatTheNextCallWorks(HttpSession session, String url) throws Exception {
        assertThatAllPlacesAreFree(session);
        assertThat(Async.timeout(DEADLINE, () -> session.get(url).text())).isEqualTo("hello");
        assertThatAllPlacesAreFree(session);
    }

    static void assertThatAllPlacesAreFree(HttpSession session) {
        assertThat(session.statistics().underWay()).isZero();
        assertThat(session.statistics().waiting()).isZero();
    }

    /** A script that sends something and closes the connection. */
    static ScriptedServer.Script sending(String text) {
        return connection -> connection.send(text);
    }

    /** A script that sends something and then keeps the connection open for as long as the client does. */
    static ScriptedServer.Script sendingAndWaiting(String text) {
        return connection -> {
            connection.send(text);
            connection.awaitEnd();
        };
    }
}
