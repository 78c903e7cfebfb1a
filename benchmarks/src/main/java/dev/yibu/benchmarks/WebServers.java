package dev.yibu.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The servers that are asked, in a process of their own. */
final class WebServers implements AutoCloseable {
    private static final int STREAMS = 20_000;

    private final ServerProcess process;
    private final Path folder;
    private final Keys keys;
    private final List<Integer> ports;

    private WebServers(ServerProcess process, Path folder, Keys keys, List<Integer> ports) {
        this.process = process;
        this.folder = folder;
        this.keys = keys;
        this.ports = ports;
    }

    static WebServers start() throws Exception {
        return start(STREAMS);
    }

    /** WebServers that let a client have so many streams at a time on a connection of HTTP/2. */
    static WebServers start(int streams) throws Exception {
        Path folder = Files.createTempDirectory("yibu-servers");
        Path file = folder.resolve("keys.p12");
        Keys.make(file);
        ServerProcess process =
                ServerProcess.start(WebServers.class, List.of("-Xmx3g"), file.toString(), Integer.toString(streams));
        List<Integer> ports = List.of(process.said().split(" ")).stream()
                .map(Integer::valueOf)
                .toList();
        return new WebServers(process, folder, Keys.load(file), ports);
    }

    /** The child. */
    public static void main(String[] args) throws Exception {
        Keys keys = Keys.load(Path.of(args[0]));
        int plain = PlainServer.start(null);
        int secure = PlainServer.start(keys.server());
        int[] jetty = JettyServer.start(keys, Integer.parseInt(args[1]));
        ServerProcess.serve(plain + " " + secure + " " + jetty[0] + " " + jetty[1]);
    }

    Keys keys() {
        return keys;
    }

    String plain(String path) {
        return "http://127.0.0.1:" + ports.get(0) + path;
    }

    String secure(String path) {
        return "https://127.0.0.1:" + ports.get(1) + path;
    }

    String jetty(String path) {
        return "http://127.0.0.1:" + ports.get(2) + path;
    }

    String jettySecure(String path) {
        return "https://127.0.0.1:" + ports.get(3) + path;
    }

    @Override
    public void close() throws IOException {
        process.close();
        Files.deleteIfExists(folder.resolve("keys.p12"));
        Files.delete(folder);
    }
}
