package dev.yibu.tests.adapters;

import dev.yibu.tests.servers.Connection;
import dev.yibu.tests.servers.ScriptedServer;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Sends back what it gets. A question is a word and a number of bytes; the word "echo" is answered at once, the name of a
 * hold keeps its exchange in a phase.
 */
final class LinePeer implements AutoCloseable {
    private final Map<String, Hold> holds = new ConcurrentHashMap<>();
    private final ScriptedServer server = ScriptedServer.start(this::serve);

    int port() {
        return server.port();
    }

    Hold hold(Phase phase) {
        Hold hold = new Hold(phase);
        holds.put(hold.name(), hold);
        return hold;
    }

    private void serve(Connection connection) throws Exception {
        DataInputStream in = new DataInputStream(connection.socket().getInputStream());
        DataOutputStream out = new DataOutputStream(connection.socket().getOutputStream());
        while (true) {
            String question = in.readUTF();
            byte[] body = new byte[in.readInt()];
            Hold hold = holds.get(question);
            Phase phase = hold == null ? null : hold.phase();
            if (phase == Phase.WRITING_THE_BODY) {
                hold.pass();
            }
            in.readFully(body);
            if (phase == Phase.WAITING_FOR_THE_ANSWER) {
                hold.passWhileConnected(connection);
            }
            out.writeInt(body.length);
            out.write(body, 0, body.length / 2);
            out.flush();
            if (phase == Phase.READING_THE_BODY) {
                hold.passWhileConnected(connection);
            }
            out.write(body, body.length / 2, body.length - body.length / 2);
            out.flush();
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
