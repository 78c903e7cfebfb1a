package dev.yibu.tests.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.yibu.Async;
import dev.yibu.http.HttpBody;
import dev.yibu.http.HttpSession;
import dev.yibu.tests.servers.Connection;
import dev.yibu.tests.servers.ScriptedServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Bodies many times as large as the heap of those who send and read them, who are in a process of their own. */
@Timeout(120)
class HttpLargeBodiesTest {
    private static final long GIGABYTE = 1L << 30;
    private static final byte[] CHUNK = new byte[256 * 1024];

    /** The client: sends a gigabyte, reads one, and says how much each was. */
    static final class Client {
        private Client() {}

        public static void main(String[] args) throws IOException {
            Async.run(() -> {
                try (HttpSession session = HttpSession.open()) {
                    HttpBody large = HttpBody.writing("application/octet-stream", GIGABYTE, out -> {
                        for (long written = 0; written < GIGABYTE; written += CHUNK.length) {
                            out.write(CHUNK);
                        }
                    });
                    System.out.println(session.post(args[0]).body(large).text());
                    long[] read = {0};
                    session.get(args[0]).send(response -> {
                        response.forEachChunk(CHUNK.length, chunk -> read[0] += chunk.remaining());
                        return "";
                    });
                    System.out.println(read[0]);
                }
            });
        }
    }

    @Test
    void a_gigabyte_travels_each_way_in_a_heap_of_64_megabytes() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(HttpLargeBodiesTest::serve)) {
            Process client = new ProcessBuilder(List.of(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx64m",
                            "-cp",
                            System.getProperty("java.class.path"),
                            Client.class.getName(),
                            server.url("/")))
                    .redirectErrorStream(true)
                    .start();
            try {
                String said = new String(client.getInputStream().readAllBytes());

                assertThat(client.waitFor(60, TimeUnit.SECONDS)).as("it ends").isTrue();
                assertThat(said)
                        .isEqualTo(GIGABYTE + " bytes" + System.lineSeparator() + GIGABYTE + System.lineSeparator());
                assertThat(client.exitValue()).isZero();
            } finally {
                client.destroyForcibly();
            }
        }
    }

    /** Says how much came with a POST; sends as much to a GET. */
    private static void serve(Connection connection) throws Exception {
        for (Connection.Request request = connection.readHead(); request != null; request = connection.readHead()) {
            connection.skipBody(request);
            if (request.method().equals("POST")) {
                connection.answer(request.header("Content-Length").orElseThrow() + " bytes");
            } else {
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: " + GIGABYTE + "\r\n\r\n");
                for (long sent = 0; sent < GIGABYTE; sent += CHUNK.length) {
                    connection.send(CHUNK);
                }
            }
        }
    }
}
