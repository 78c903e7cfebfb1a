package dev.yibu.tests.servers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** What the kernel knows about this process's connections. */
public final class Sockets {
    private static final String ESTABLISHED = "01";
    private static final String CONNECTING = "02";

    private record Entry(int localPort, int remotePort, String state, long unsent, long unread, long inode) {}

    private Sockets() {}

    /** How many sockets of this process lead to a port, whatever state they are in. */
    public static long to(int port) {
        Set<Long> own = inodes();
        return entries().stream()
                .filter(entry -> entry.remotePort == port && own.contains(entry.inode))
                .count();
    }

    /** How many sockets of this process are about to connect to a port. */
    public static long connecting(int port) {
        return entries().stream()
                .filter(entry -> entry.remotePort == port && entry.state.equals(CONNECTING))
                .count();
    }

    /** Whether somebody who is connected to a port has written what that side has not taken. */
    public static boolean isWritingTo(int port) {
        return entries().stream()
                .anyMatch(entry -> entry.remotePort == port && entry.state.equals(ESTABLISHED) && entry.unsent > 0);
    }

    /** Whether something from a port has arrived that this process has not read. */
    public static boolean haveUnreadFrom(int port) {
        Set<Long> own = inodes();
        return entries().stream()
                .anyMatch(entry -> entry.remotePort == port && entry.unread > 0 && own.contains(entry.inode));
    }

    private static Set<Long> inodes() {
        Set<Long> inodes = new HashSet<>();
        for (String target : descriptors()) {
            if (target.startsWith("socket:[")) {
                inodes.add(Long.parseLong(target.substring(8, target.length() - 1)));
            }
        }
        return inodes;
    }

    /** What this process's file descriptors lead to, such as a path or "socket:[123]". */
    public static List<String> descriptors() {
        List<String> targets = new ArrayList<>();
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            for (Path descriptor : descriptors.toList()) {
                try {
                    targets.add(Files.readSymbolicLink(descriptor).toString());
                } catch (IOException e) {
                    // closed meanwhile
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return targets;
    }

    private static List<Entry> entries() {
        List<Entry> entries = new ArrayList<>();
        for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
            try {
                List<String> lines = Files.readAllLines(Path.of(table));
                lines.stream().skip(1).map(Sockets::entry).forEach(entries::add);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return entries;
    }

    private static Entry entry(String line) {
        String[] columns = line.strip().split("\\s+");
        String[] queues = columns[4].split(":");
        return new Entry(
                port(columns[1]),
                port(columns[2]),
                columns[3],
                Long.parseLong(queues[0], 16),
                Long.parseLong(queues[1], 16),
                Long.parseLong(columns[9]));
    }

    private static int port(String address) {
        return Integer.parseInt(address.substring(address.indexOf(':') + 1), 16);
    }
}
