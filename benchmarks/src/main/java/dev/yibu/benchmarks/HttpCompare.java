package dev.yibu.benchmarks;

import dev.yibu.benchmarks.Experiment.Competitor;
import dev.yibu.http.HttpVersion;
import java.io.PrintStream;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import okhttp3.Protocol;

/**
 * HTTP clients side by side: they take turns in one JVM, round after round, and ask the same servers in a child process. The
 * processor time is the clients' alone.
 */
final class HttpCompare {
    private static final String USAGE = """
            usage: HttpCompare [EXPERIMENT...] [--rounds N] [--warmup N] [--list]
              EXPERIMENT   all, if none is named; a name's beginning will do
              --rounds     how often each client is measured
              --warmup     how often each runs before that
              --list       print the names of the experiments""";

    private static final long LARGE = 100_000_000;

    /** An experiment before it has servers and clients. */
    private record Plan(String name, int tasks, int requests, Kind kind) {
        enum Kind {
            PLAIN,
            TLS,
            HTTP_2,
            BODY,
            LATENCY
        }
    }

    private static final List<Plan> PLANS = List.of(
            new Plan("http-1", 1, 5_000, Plan.Kind.PLAIN),
            new Plan("http-10", 10, 30_000, Plan.Kind.PLAIN),
            new Plan("http-100", 100, 30_000, Plan.Kind.PLAIN),
            new Plan("http-1000", 1_000, 30_000, Plan.Kind.PLAIN),
            new Plan("https-100", 100, 20_000, Plan.Kind.TLS),
            new Plan("http2-100", 100, 20_000, Plan.Kind.HTTP_2),
            new Plan("body-100MB", 1, 5, Plan.Kind.BODY),
            new Plan("latency-100", 100, 100, Plan.Kind.LATENCY));

    private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    private final List<Plan> wanted = new ArrayList<>();
    private int rounds = 7;
    private int warmup = 3;

    private HttpCompare() {}

    public static void main(String[] args) throws Exception {
        if (List.of(args).contains("--list")) {
            PLANS.forEach(plan -> System.out.println(plan.name()));
            return;
        }
        HttpCompare compare = new HttpCompare();
        try {
            compare.parse(List.of(args));
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.err.println(USAGE);
            System.exit(2);
        }
        compare.run();
        System.exit(0); // some clients keep threads
    }

    private void parse(List<String> args) {
        for (int i = 0; i < args.size(); i++) {
            String arg = args.get(i);
            if (arg.equals("--rounds") || arg.equals("--warmup")) {
                String value = i + 1 < args.size() ? args.get(++i) : "nothing";
                if (!value.matches("\\d{1,4}")) {
                    throw new IllegalArgumentException(arg + " needs a number, not " + value);
                }
                if (arg.equals("--rounds")) {
                    rounds = Math.max(1, Integer.parseInt(value));
                } else {
                    warmup = Integer.parseInt(value);
                }
            } else {
                List<Plan> matching =
                        PLANS.stream().filter(plan -> plan.name().equals(arg)).toList();
                if (matching.isEmpty()) {
                    matching = PLANS.stream()
                            .filter(plan -> plan.name().startsWith(arg))
                            .toList();
                }
                if (matching.isEmpty()) {
                    throw new IllegalArgumentException("no such experiment or option: " + arg);
                }
                wanted.addAll(matching);
            }
        }
    }

    private void run() throws Exception {
        Machine.print(out);
        try (WebServers servers = WebServers.start()) {
            for (Plan plan : wanted.isEmpty() ? PLANS : wanted) {
                run(plan, servers);
            }
        }
    }

    private void run(Plan plan, WebServers servers) throws Exception {
        List<WebClient> clients = clients(plan, servers.keys());
        String url = url(plan, servers);
        List<Competitor> competitors = new ArrayList<>();
        for (WebClient client : clients) {
            competitors.add(new Competitor(client.name(), () -> turn(plan, client, url)));
        }
        String unit = plan.kind() == Plan.Kind.LATENCY ? "run" : plan.kind() == Plan.Kind.BODY ? "body" : "request";
        Experiment experiment = new Experiment(plan.name(), unit, warmup, rounds, competitors);
        List<List<Cost>> costs = experiment.run(warmup, rounds);
        Table.print(out, experiment, costs);
        out.println();
        for (int i = 0; i < clients.size(); i++) {
            tellRate(plan, clients.get(i).name(), costs.get(i));
        }
        python(plan, url);
        clients.forEach(WebClient::close);
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

    private static String url(Plan plan, WebServers servers) {
        return switch (plan.kind()) {
            case PLAIN -> servers.plain("/small");
            case TLS -> servers.secure("/small");
            case HTTP_2 -> servers.jettySecure("/small");
            case BODY -> servers.plain("/bytes/" + LARGE);
            case LATENCY -> servers.plain("/slow/100");
        };
    }

    private static Cost turn(Plan plan, WebClient client, String url) throws Exception {
        boolean whole = plan.kind() == Plan.Kind.LATENCY;
        int each = plan.requests() / plan.tasks();
        return Cost.of(
                whole ? 1 : plan.requests(),
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

    private void tellRate(Plan plan, String name, List<Cost> costs) {
        double[] nanos = costs.stream().mapToDouble(Cost::nanos).sorted().toArray();
        double median = nanos[nanos.length / 2];
        String rate = switch (plan.kind()) {
            case LATENCY -> String.format(Locale.ROOT, "%.1f ms", median / 1e6);
            case BODY -> String.format(Locale.ROOT, "%,.0f MB/s", LARGE / 1e6 / (median / 1e9));
            default -> String.format(Locale.ROOT, "%,.0f requests/s", 1e9 / median);
        };
        out.printf("- %s: %s%n", name, rate);
    }

    /** aiohttp on uvloop, by a script of this benchmark, where both can be imported. */
    private void python(Plan plan, String url) throws Exception {
        if (plan.kind() == Plan.Kind.HTTP_2) {
            return; // it has none
        }
        List<String> command = List.of(
                "python3",
                PythonPeer.unpacked("http_peer.py").toString(),
                url,
                Integer.toString(plan.tasks()),
                Integer.toString(plan.requests()),
                Integer.toString(warmup + rounds));
        Process process;
        try {
            process = new ProcessBuilder(command).start();
        } catch (java.io.IOException e) {
            out.println("- aiohttp + uvloop: absent, there is no python3");
            return;
        }
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String complaint = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor(1, TimeUnit.MINUTES);
        if (process.exitValue() == 0) {
            out.print("- aiohttp + uvloop: " + said);
        } else {
            out.println("- aiohttp + uvloop: absent, "
                    + Arrays.stream(complaint.split("\n"))
                            .reduce((_, last) -> last)
                            .orElse("it failed"));
        }
    }
}
