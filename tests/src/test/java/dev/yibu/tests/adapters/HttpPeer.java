package dev.yibu.tests.adapters;

import dev.yibu.tests.servers.Connection;
import dev.yibu.tests.servers.Connection.Request;
import dev.yibu.tests.servers.ScriptedServer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Echoes what is posted to it over HTTP/1.1; what is posted to the name of a hold stays in its phase. */
final class HttpPeer implements AutoCloseable {
    private final Map<String, Hold> holds = new ConcurrentHashMap<>();
    private final ScriptedServer server = ScriptedServer.start(this::serve);

    int port() {
        return server.port();
    }

    String url(String name) {
        return server.url("/" + name);
    }

    Hold hold(Phase phase) {
        Hold hold = new Hold(phase);
        holds.put(hold.name(), hold);
        return hold;
    }

    private void serve(Connection connection) throws Exception {
        for (Request request = connection.readHead(); request != null; request = connection.readHead()) {
            Hold hold = holds.get(request.target().substring(1));
            Phase phase = hold == null ? null : hold.phase();
            if (phase == Phase.WRITING_THE_BODY) {
                hold.pass();
            }
            byte[] body = connection.read(
                    request.header("Content-Length").map(Integer::parseInt).orElse(0));
            if (phase == Phase.WAITING_FOR_THE_ANSWER) {
                hold.passWhileConnected(connection);
            }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: " + body.length + "\r\n\r\n");
            int half = body.length / 2;
            connection.socket().getOutputStream().write(body, 0, half);
            if (phase == Phase.READING_THE_BODY) {
                hold.passWhileConnected(connection);
            }
            connection.socket().getOutputStream().write(body, half, body.length - half);
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
