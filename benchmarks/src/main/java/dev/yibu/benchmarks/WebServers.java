package dev.yibu.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The servers, in a child process, so that they share neither heap nor scheduler with the clients. */
final class WebServers implements AutoCloseable {
    private static final int STREAMS = 20_000;

    private final Process process;
    private final Path folder;
    private final Keys keys;
    private final List<Integer> ports;

    private WebServers(Process process, Path folder, Keys keys, List<Integer> ports) {
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
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx3g",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "--enable-preview",
                        WebServers.class.getName(),
                        file.toString(),
                        Integer.toString(streams))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader said = process.inputReader(StandardCharsets.US_ASCII);
        String line = said.readLine();
        if (line == null) {
            throw new IOException("the servers have not started");
        }
        List<Integer> ports =
                List.of(line.split(" ")).stream().map(Integer::valueOf).toList();
        return new WebServers(process, folder, Keys.load(file), ports);
    }

    /** The child: serves until its parent is gone. */
    public static void main(String[] args) throws Exception {
        Keys keys = Keys.load(Path.of(args[0]));
        int plain = PlainServer.start(null);
        int secure = PlainServer.start(keys.server());
        int[] jetty = JettyServer.start(keys, Integer.parseInt(args[1]));
        System.out.println(plain + " " + secure + " " + jetty[0] + " " + jetty[1]);
        while (System.in.read() >= 0) {
            // nothing to say
        }
        Runtime.getRuntime().halt(0);
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
        process.destroy();
        Files.deleteIfExists(folder.resolve("keys.p12"));
        Files.delete(folder);
    }
}
