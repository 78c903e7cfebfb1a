package dev.yibu.testkit;

import dev.yibu.lowlevel.CancelScope;
import dev.yibu.lowlevel.Held;
import dev.yibu.lowlevel.Strand;
import dev.yibu.lowlevel.Suspension;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Who waits for what, held by whom: the text of a report. */
final class WaitGraph {
    private static final int MOST_SHOWN = 50;

    private WaitGraph() {}

    static String describe(Collection<Actor> alive) {
        StringBuilder text = new StringBuilder("nothing can go on, and no timer is set:");
        alive.stream().limit(MOST_SHOWN).forEach(actor -> text.append("\n  ").append(line(actor)));
        if (alive.size() > MOST_SHOWN) {
            text.append("\n  and ").append(alive.size() - MOST_SHOWN).append(" more");
        }
        List<Strand> circle = circle(alive);
        if (circle.isEmpty()) {
            text.append("\nno circle: somebody would have to act who does not exist, or has ended");
        } else {
            text.append("\ndeadlock: ")
                    .append(circle.stream().map(Strand::toString).collect(Collectors.joining(" waits for ")));
        }
        return text.toString();
    }

    /** What one strand waits for, who holds it, and where in the program that is. */
    static String line(Actor actor) {
        StringBuilder line = new StringBuilder(actor.toString());
        Suspension<?> on = actor.on;
        if (actor.latch != null) {
            line.append(" blocks in ").append(actor.latch);
        } else if (on != null) {
            line.append(" waits for ").append(on.on());
            List<Strand> holders = holders(on);
            if (!holders.isEmpty() && on.on() != holders.getFirst()) {
                line.append(", held by ")
                        .append(holders.stream().limit(5).map(Strand::toString).collect(Collectors.joining(", ")));
                if (holders.size() > 5) {
                    line.append(" and ").append(holders.size() - 5).append(" more");
                }
            }
        } else {
            line.append(actor.state == Actor.State.AWAY ? " is in foreign code" : " runs");
        }
        place(actor).ifPresent(place -> line.append(", at ").append(place));
        return line.toString();
    }

    /** Who would have to act so that the wait ends, as far as that is known. */
    private static List<Strand> holders(Suspension<?> suspension) {
        List<Strand> holders = new ArrayList<>();
        switch (suspension.on()) {
            case Strand awaited -> holders.add(awaited);
            case CancelScope group -> group.visitChildren(holders::add);
            case Held held -> holders.addAll(held.holders());
            default -> {}
        }
        return holders;
    }

    /** Some strands that wait for each other in a circle, the first one again at the end; empty if there is none. */
    private static List<Strand> circle(Collection<Actor> alive) {
        Map<Strand, List<Strand>> edges = new HashMap<>();
        for (Actor actor : alive) {
            Suspension<?> on = actor.on;
            if (actor.strand != null && on != null) {
                edges.put(actor.strand, holders(on));
            }
        }
        for (Actor actor : alive) {
            List<Strand> circle = actor.strand == null ? List.of() : circleFrom(actor.strand, edges);
            if (!circle.isEmpty()) {
                return circle;
            }
        }
        return List.of();
    }

    private static List<Strand> circleFrom(Strand start, Map<Strand, List<Strand>> edges) {
        Map<Strand, Strand> cameFrom = new HashMap<>();
        List<Strand> todo = new ArrayList<>(List.of(start));
        Set<Strand> seen = new LinkedHashSet<>();
        while (!todo.isEmpty()) {
            Strand strand = todo.removeLast();
            for (Strand next : edges.getOrDefault(strand, List.of())) {
                if (next == start) {
                    List<Strand> circle = new ArrayList<>(List.of(start));
                    for (Strand s = strand; s != null && s != start; s = cameFrom.get(s)) {
                        circle.add(1, s);
                    }
                    circle.add(start);
                    return circle;
                }
                if (seen.add(next)) {
                    cameFrom.put(next, strand);
                    todo.add(next);
                }
            }
        }
        return List.of();
    }

    /** The first frame of the thread that is neither the JDK's nor the library's. */
    static Optional<String> place(Actor actor) {
        Thread thread = actor.thread;
        return thread == null ? Optional.empty() : place(thread.getStackTrace());
    }

    static Optional<String> place(StackTraceElement @Nullable [] stack) {
        return Arrays.stream(stack == null ? new StackTraceElement[0] : stack)
                .filter(frame -> !isEngine(frame.getClassName()))
                .findFirst()
                .map(frame -> frame.getFileName() + ":" + frame.getLineNumber());
    }

    private static boolean isEngine(String className) {
        String outermost = className.contains("$") ? className.substring(0, className.indexOf('$')) : className;
        return outermost.startsWith("java.")
                || outermost.startsWith("jdk.")
                || outermost.startsWith("sun.")
                || (outermost.startsWith("dev.yibu.") && !outermost.endsWith("Test") && !outermost.contains(".tests."));
    }
}
