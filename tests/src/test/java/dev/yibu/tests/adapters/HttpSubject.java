package dev.yibu.tests.adapters;

import dev.yibu.http.HttpBody;
import dev.yibu.http.HttpLimits;
import dev.yibu.http.HttpOptions;
import dev.yibu.http.HttpSession;
import dev.yibu.http.HttpTls;
import dev.yibu.http.HttpVersion;
import dev.yibu.tests.servers.Certificates;
import dev.yibu.tests.servers.DeadHost;
import dev.yibu.tests.servers.ScriptedServer;
import dev.yibu.tests.servers.Site;
import dev.yibu.tests.servers.Sockets;
import java.io.IOException;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A session of the HTTP client under the contract, over HTTP/1.1 with a scripted peer or over HTTP/2 and TLS with Jetty. */
abstract class HttpSubject implements Subject {
    private static final int SIZE = 3;
    private static final byte[] SMALL = "a few bytes".getBytes();

    /** More than kernel, connection and stream take before the peer reads. */
    private static final byte[] LARGE = new byte[16 << 20];

    private final Set<Integer> ports = ConcurrentHashMap.newKeySet();
    private final HttpSession session;

    HttpSubject(HttpVersion version) {
        session = HttpSession.open(HttpOptions.DEFAULT
                .withVersion(version)
                .withTls(HttpTls.DEFAULT.trusting(Certificates.local().keyStore()))
                .withLimits(HttpLimits.DEFAULT.withConnections(SIZE, SIZE)));
    }

    static HttpSubject ofHttp1() {
        return new Http1();
    }

    static HttpSubject ofHttp2() {
        return new Http2();
    }

    private static final class Http1 extends HttpSubject {
        private final HttpPeer peer = new HttpPeer();

        Http1() {
            super(HttpVersion.HTTP_1_1);
            leadsTo(peer.port());
        }

        @Override
        Stage held(Phase phase) {
            Hold hold = peer.hold(phase);
            return new Stage() {
                @Override
                public void operate() throws IOException {
                    echo(peer.url(hold.name()), bodyFor(phase));
                }

                @Override
                public int reached() {
                    return hold.reached();
                }

                @Override
                public OptionalInt gone() {
                    return phase == Phase.WRITING_THE_BODY ? OptionalInt.empty() : OptionalInt.of(hold.gone());
                }

                @Override
                public void release() {
                    hold.release();
                }

                @Override
                public void close() {
                    hold.release();
                }
            };
        }

        @Override
        public void operate() throws IOException {
            echo(peer.url("echo"), SMALL);
        }

        @Override
        void closePeer() {
            peer.close();
        }
    }

    private static final class Http2 extends HttpSubject {
        private final Site site = Site.start();

        Http2() {
            super(HttpVersion.BEST);
            leadsTo(site.securePort());
        }

        @Override
        Stage held(Phase phase) {
            Site.Hold hold = site.hold(
                    switch (phase) {
                        case WRITING_THE_BODY -> Site.Point.BEFORE_READING;
                        case READING_THE_BODY -> Site.Point.AMID_THE_ANSWER;
                        default -> Site.Point.BEFORE_ANSWERING;
                    });
            return new Stage() {
                @Override
                public void operate() throws IOException {
                    echo(site.https(hold.path()), bodyFor(phase));
                }

                @Override
                public int reached() {
                    return hold.reached();
                }

                @Override
                public void release() {
                    hold.release();
                }

                @Override
                public void close() {
                    hold.release();
                }
            };
        }

        @Override
        public boolean goesAloneThrough(Phase phase) {
            return phase == Phase.CONNECTING || phase == Phase.TLS_HANDSHAKE;
        }

        @Override
        public void operate() throws IOException {
            echo(site.https("/echo"), SMALL);
        }

        @Override
        void closePeer() {
            site.close();
        }
    }

    /** A stage for a phase after the connection is there. */
    abstract Stage held(Phase phase);

    abstract void closePeer();

    final void leadsTo(int port) {
        ports.add(port);
    }

    static byte[] bodyFor(Phase phase) {
        return phase == Phase.WRITING_THE_BODY ? LARGE : SMALL;
    }

    final void echo(String url, byte[] body) throws IOException {
        byte[] answer = session.post(url)
                .body(HttpBody.of(body, "application/octet-stream"))
                .bytes();
        if (!Arrays.equals(answer, body)) {
            throw new AssertionError("this is the answer to another question");
        }
    }

    @Override
    public final Stage stage(Phase phase) {
        return switch (phase) {
            case CONNECTING -> new DeadStage();
            case TLS_HANDSHAKE -> new SilentStage();
            default -> held(phase);
        };
    }

    private final class DeadStage implements Stage {
        private final DeadHost host = DeadHost.start();

        DeadStage() {
            ports.add(host.port());
        }

        @Override
        public void operate() throws IOException {
            echo("https://127.0.0.1:" + host.port(), SMALL);
        }

        @Override
        public int reached() {
            return (int) Sockets.connecting(host.port());
        }

        @Override
        public void release() {
            // it stays dead
        }

        @Override
        public void close() throws IOException {
            host.close();
            ports.remove(host.port());
        }
    }

    /** The peer reads the first byte of the handshake and no more. */
    private final class SilentStage implements Stage {
        private final Hold hold = new Hold(Phase.TLS_HANDSHAKE);
        private final ScriptedServer server = ScriptedServer.start(connection -> {
            connection.read();
            hold.pass();
        });

        SilentStage() {
            ports.add(server.port());
        }

        @Override
        public void operate() throws IOException {
            echo("https://127.0.0.1:" + server.port(), SMALL);
        }

        @Override
        public int reached() {
            return hold.reached();
        }

        @Override
        public void release() {
            hold.release();
        }

        @Override
        public void close() {
            server.close();
            ports.remove(server.port());
        }
    }

    @Override
    public final Pool pool() {
        HttpSession.Statistics statistics = session.statistics();
        return new Pool(SIZE, SIZE - statistics.underWay(), statistics.waiting());
    }

    @Override
    public final int connections() {
        return session.statistics().connections();
    }

    /** OkHttp's pool looks at a connection when it is taken. */
    @Override
    public final boolean countsTheDead() {
        return true;
    }

    @Override
    public final long sockets() {
        return ports.stream().mapToLong(Sockets::to).sum();
    }

    @Override
    public final void close() {
        session.close();
        closePeer();
    }
}
