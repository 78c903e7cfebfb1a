package dev.yibu.benchmarks;

import dev.yibu.benchmarks.Experiment.Absent;
import dev.yibu.benchmarks.Experiment.Competitor;
import java.io.Closeable;
import java.util.ArrayList;
import java.util.List;

/** The programs in other languages that compete in an experiment: those that are there, and those that are not. */
final class Peers implements Closeable {
    private static final String ASYNCIO = "tasks_asyncio.py";
    private static final String TRIO = "tasks_trio.py";
    private static final String GO = "tasks.go";

    private final List<Competitor> competitors = new ArrayList<>();
    private final List<Absent> absent = new ArrayList<>();
    private final List<Peer> processes = new ArrayList<>();

    /** All that can do a work on tasks: asyncio with its own loop and with uvloop, trio, Go. */
    static Peers all(String work) {
        return new Peers().asyncio(work).trio(work).go(work);
    }

    Peers asyncio(String work) {
        python("asyncio", "asyncio", ASYNCIO, work, "asyncio");
        return python("uvloop", "uvloop", ASYNCIO, work, "uvloop");
    }

    Peers trio(String work) {
        return python("trio", "trio", TRIO, work);
    }

    Peers go(String work) {
        String missing = Language.missingGo(GO);
        if (missing.isEmpty()) {
            add("Go", work, Language.go(GO));
        } else {
            absent.add(new Absent("Go", missing));
        }
        return this;
    }

    /** A program that needs a module of Python. */
    Peers python(String name, String module, String program, String work, String... arguments) {
        String missing = Language.missingPython(module);
        if (missing.isEmpty()) {
            List<String> command = new ArrayList<>(Language.python(program));
            command.addAll(List.of(arguments));
            add(name, work, command);
        } else {
            absent.add(new Absent(name, missing));
        }
        return this;
    }

    private void add(String name, String work, List<String> command) {
        Peer peer = new Peer(command);
        processes.add(peer);
        competitors.add(new Competitor(name, () -> peer.turn(work)));
    }

    List<Competitor> competitors() {
        return competitors;
    }

    List<Absent> absent() {
        return absent;
    }

    @Override
    public void close() {
        processes.forEach(Peer::close);
    }
}
