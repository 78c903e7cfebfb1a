package dev.yibu.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.SocketFactory;
import okhttp3.Connection;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a server sends beyond its answers, seen in moments that a server alone can't choose. */
@Timeout(60)
class SurplusTest {
    private static final long ELEVEN_SECONDS = 11_000_000_000L;

    @TempDir
    static Path folder;

    private static KeyStore keys;

    @BeforeAll
    static void make_keys() throws Exception {
        keys = Certificates.make(folder, "server", "ip:127.0.0.1");
    }

    private static HttpSession open() throws Exception {
        return HttpSession.open(HttpOptions.DEFAULT.withTls(HttpTls.DEFAULT.trusting(Certificates.trusted(keys))));
    }

    /** A socket whose reader is about to look for a moment whether something is there. */
    private static final class Looked extends Socket {
        private final CountDownLatch looking;

        /** With a latch that lets the server send its surplus. */
        Looked(CountDownLatch looking) {
            this.looking = looking;
        }

        @Override
        public void setSoTimeout(int timeout) throws SocketException {
            super.setSoTimeout(timeout);
            if (timeout == 1 && looking.getCount() > 0) {
                looking.countDown();
                Until.isTrue("it has arrived", () -> {
                    try {
                        return getInputStream().available() > 0;
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
            }
        }
    }

    private static SocketFactory factory(CountDownLatch looking) {
        return new SocketFactory() {
            @Override
            public Socket createSocket() {
                return new Looked(looking);
            }

            @Override
            public Socket createSocket(String host, int port) {
                throw new UnsupportedOperationException();
            }

            @Override
            public Socket createSocket(String host, int port, InetAddress from, int fromPort) {
                throw new UnsupportedOperationException();
            }

            @Override
            public Socket createSocket(InetAddress host, int port) {
                throw new UnsupportedOperationException();
            }

            @Override
            public Socket createSocket(InetAddress host, int port, InetAddress from, int fromPort) {
                throw new UnsupportedOperationException();
            }
        };
    }

    private static OkHttpClient.Builder under(HttpSession http, AtomicReference<Connection> used) {
        return http.unwrap(OkHttpClient.class).newBuilder().addNetworkInterceptor(chain -> {
            used.set(chain.connection());
            return chain.proceed(chain.request());
        });
    }

    private static String text(OkHttpClient client, Request request) throws IOException {
        try (Response response = client.newCall(request).execute()) {
            return response.body().string();
        }
    }

    /** As the connection has been idle for ten seconds. */
    @Test
    void what_comes_while_the_client_underneath_looks_is_no_answer() throws Exception {
        CountDownLatch looking = new CountDownLatch(1);
        AtomicReference<Connection> used = new AtomicReference<>();
        try (Peer peer = new Peer(Certificates.context(keys, null), talk -> {
                    for (String head = talk.head(); head != null; head = talk.head()) {
                        talk.answer("well");
                        if (talk.number == 1) {
                            looking.await();
                            talk.answer("evil");
                        }
                    }
                });
                HttpSession http = open()) {
            OkHttpClient client =
                    under(http, used).socketFactory(factory(looking)).build();
            Request.Builder request = new Request.Builder().url(peer.url("/"));
            assertThat(text(client, request.build())).isEqualTo("well");
            used.get()
                    .getClass()
                    .getMethod("setIdleAtNs", long.class)
                    .invoke(used.get(), System.nanoTime() - ELEVEN_SECONDS);

            assertThat(text(client, request.post(RequestBody.EMPTY).build())).isEqualTo("well");
            assertThat(looking.getCount()).isZero();
            assertThat(peer.connections()).isEqualTo(2);
        }
    }

    @Test
    void a_request_that_finds_something_at_the_last_moment_goes_over_another_connection() throws Exception {
        CountDownLatch more = new CountDownLatch(1);
        AtomicReference<Connection> used = new AtomicReference<>();
        List<String> requests = new CopyOnWriteArrayList<>();
        try (Peer peer = new Peer(Certificates.context(keys, null), talk -> {
                    for (String head = talk.head(); head != null; head = talk.head()) {
                        requests.add(talk.number + head.split(" ")[0]);
                        talk.answer("well");
                        if (talk.number == 1) {
                            more.await();
                            talk.send("HTTP/1.1 200 OK\r\n\r\nevil");
                        }
                    }
                });
                HttpSession http = open()) {
            OkHttpClient client = under(http, used).build();
            text(client, new Request.Builder().url(peer.url("/")).build());
            AnswerInput answers = AnswerInput.of(used.get());
            answers.expectHead(); // the moment is after the client's look, which finds that nothing is wrong
            more.countDown();
            byte[] all = new byte[100];
            assertThat(new String(all, 0, answers.read(all), StandardCharsets.US_ASCII))
                    .endsWith("\r\n\r\n");

            assertThat(http.post(peer.url("/")).body(HttpBody.of("").once()).text())
                    .isEqualTo("well");
            assertThat(requests).containsExactly("1GET", "2POST");
        }
    }
}
