package dev.yibu.benchmarks;

import dev.yibu.benchmarks.Experiment.Competitor;
import dev.yibu.http.HttpVersion;
import java.io.IOException;
import java.net.http.HttpClient;
import java.util.ArrayList;
import java.util.List;
import okhttp3.Protocol;

/**
 * HTTP clients side by side: they take turns in one JVM, round after round, and ask the same servers in a child process. The
 * processor time is the clients' alone.
 */
final class HttpExperiments implements Suite.Open {
    private static final long LARGE = 100_000_000;

    /** So many slow requests may also be sent one after the other. */
    private static final int FEW = 10;

    /** An experiment before it has servers and clients. */
    private record Plan(String name, int tasks, int requests, Kind kind) {
        enum Kind {
            PLAIN,
            TLS,
            HTTP_2,
            BODY,
            LATENCY
        }

        String unit() {
            return switch (kind) {
                case LATENCY -> "run";
                case BODY -> "body";
                default -> "request";
            };
        }

        int units() {
            return kind == Kind.LATENCY ? 1 : requests;
        }
    }

    private static final String AIOHTTP = "aiohttp, uvloop";
    private static final List<Plan> PLANS = List.of(
            new Plan("speed-http", 10, 10, Plan.Kind.LATENCY),
            new Plan("http-1", 1, 5_000, Plan.Kind.PLAIN),
            new Plan("http-10", 10, 30_000, Plan.Kind.PLAIN),
            new Plan("http-100", 100, 30_000, Plan.Kind.PLAIN),
            new Plan("http-1000", 1_000, 30_000, Plan.Kind.PLAIN),
            new Plan("https-100", 100, 20_000, Plan.Kind.TLS),
            new Plan("http2-100", 100, 20_000, Plan.Kind.HTTP_2),
            new Plan("body-100MB", 1, 5, Plan.Kind.BODY),
            new Plan("latency-100", 100, 100, Plan.Kind.LATENCY));

    static final List<String> NAMES = PLANS.stream().map(Plan::name).toList();

    private final WebServers servers = WebServers.start();

    HttpExperiments() throws Exception {}

    @Override
    public void close() throws IOException {
        servers.close();
    }

    @Override
    public Experiment named(String name) throws Exception {
        Plan plan = PLANS.stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no experiment: " + name));
        List<WebClient> clients = clients(plan, servers.keys());
        String url = url(plan);
        List<Competitor> competitors = new ArrayList<>();
        if (plan.kind() == Plan.Kind.LATENCY && plan.tasks() <= FEW) {
            WebClient yibu = clients.getLast();
            competitors.add(new Competitor(
                    "one after the other",
                    () -> Cost.of(1, () -> {
                        for (int i = 0; i < plan.requests(); i++) {
                            yibu.get(url);
                        }
                    })));
        }
        for (WebClient client : clients) {
            competitors.add(new Competitor(client.name(), () -> turn(plan, client, url)));
        }
        Peers peers = new Peers();
        int fewer = plan.units() == 1 ? 1 : 5; // it takes several times as long
        if (plan.kind() != Plan.Kind.HTTP_2) { // aiohttp has none
            peers.python(
                    AIOHTTP,
                    AIOHTTP,
                    "get_pages.py",
                    "get %d %d %d %s".formatted(plan.tasks(), plan.requests() / fewer, plan.units() / fewer, url));
        }
        return new Experiment(name, plan.unit(), 3, 7, competitors).with(peers).with(List.copyOf(clients));
    }

    private static List<WebClient> clients(Plan plan, Keys keys) throws Exception {
        boolean second = plan.kind() == Plan.Kind.HTTP_2;
        List<WebClient> clients = new ArrayList<>();
        if (!second) {
            clients.add(WebClient.sockets(keys));
        }
        clients.add(WebClient.jdk(keys, second ? HttpClient.Version.HTTP_2 : HttpClient.Version.HTTP_1_1));
        clients.add(WebClient.okHttp(
                plan.tasks(), keys, second ? List.of(Protocol.HTTP_2, Protocol.HTTP_1_1) : List.of(Protocol.HTTP_1_1)));
        clients.add(WebClient.yibu(plan.tasks(), keys, second ? HttpVersion.BEST : HttpVersion.HTTP_1_1));
        return clients;
    }

    private String url(Plan plan) {
        return switch (plan.kind()) {
            case PLAIN -> servers.plain("/small");
            case TLS -> servers.secure("/small");
            case HTTP_2 -> servers.jettySecure("/small");
            case BODY -> servers.plain("/bytes/" + LARGE);
            case LATENCY -> servers.plain("/slow/100");
        };
    }

    private static Cost turn(Plan plan, WebClient client, String url) throws Exception {
        int each = plan.requests() / plan.tasks();
        return Cost.of(
                plan.units(),
                () -> client.all(plan.tasks(), () -> {
                    for (int i = 0; i < each; i++) {
                        if (plan.kind() == Plan.Kind.BODY) {
                            if (client.stream(url) != LARGE) {
                                throw new IllegalStateException("the body is not whole");
                            }
                        } else {
                            client.get(url);
                        }
                    }
                }));
    }
}
