package dev.yibu.tests;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A tree of things to do, made from a seed alone: what the threads do later has no influence on it.
 *
 * @param seed what it was made from
 * @param onPlatformThread whether the thread that calls {@code run} is a platform thread
 * @param endsAfterMicros when somebody outside cancels the main task, at the latest
 * @param interruptAfterMicros when somebody outside interrupts the calling thread, or -1
 * @param root what is done inside {@code run}
 * @param size how many nodes there are; their numbers are 0 to size - 1
 */
record Tree(long seed, boolean onPlatformThread, int endsAfterMicros, int interruptAfterMicros, Node root, int size) {

    /** What a node does. Where nothing else is said it yields its own number, or throws what its children throw. */
    enum Kind {
        // leaves
        VALUE,
        SPIN,
        CHECKPOINT,
        FAIL,
        SLEEP,
        HANG,
        CANCEL_SELF,
        FOREIGN_NAP,
        FOREIGN_HANG,
        ECHO,
        SOCKET_HANG,
        BRACKET_HANG,
        ABANDON,
        MANY_GATHERS,
        MANY_MOVE_ONS,
        // on the same strand
        SEQUENCE,
        CATCH,
        SWALLOW,
        TIMEOUT,
        MOVE_ON,
        SHIELD,
        USING,
        STACK,
        NESTED_RUN,
        BLOCKING,
        EXECUTOR,
        // with tasks
        GATHER,
        GATHER_OUTCOMES,
        RACE,
        AS_COMPLETED,
        AS_COMPLETED_LEFT,
        AS_COMPLETED_BOUNDED,
        MAP_CONCURRENT,
        GROUP,
        SUPERVISED,
        GROUP_CANCELLED,
        CHILD_CANCELLED,
        CHILD_INTERRUPTED,
        BACKGROUND;

        /** Whether it looks at the cancel state before it does anything. */
        boolean beginsWithCheckpoint() {
            return switch (this) {
                case CHECKPOINT, SLEEP, HANG, CANCEL_SELF, BRACKET_HANG, ABANDON, MANY_GATHERS, MANY_MOVE_ONS -> true;
                case VALUE, SPIN, FAIL, FOREIGN_NAP, FOREIGN_HANG, ECHO, SOCKET_HANG -> false;
                case SEQUENCE, CATCH, SWALLOW, SHIELD, STACK, BACKGROUND -> false;
                default -> true;
            };
        }

        /** Whether an exception of foreign code passes through it as it is, since it opens no scope. */
        boolean isTransparent() {
            return switch (this) {
                case SEQUENCE, CATCH, SWALLOW, USING, STACK, BLOCKING, EXECUTOR, BACKGROUND -> true;
                default -> false;
            };
        }
    }

    /**
     * One thing to do.
     *
     * @param id its number
     * @param kind what
     * @param micros how long, or how long until something happens to it
     * @param variant which of several forms
     * @param children what it is made of
     */
    record Node(int id, Kind kind, int micros, int variant, List<Node> children) {
        /** Whether foreign code stands outside of any bracket; one form of a bracket opens a socket first. */
        boolean isForeign() {
            return switch (kind) {
                case FOREIGN_NAP, FOREIGN_HANG, ECHO, SOCKET_HANG -> true;
                case BRACKET_HANG -> variant % 4 == 3;
                default -> false;
            };
        }

        Node child(int index) {
            return children.get(index);
        }

        @Override
        public String toString() {
            return kind + "#" + id;
        }
    }

    static Tree of(long seed) {
        return new Maker(seed).make();
    }

    /** The tree as text, each node with what is known of it. */
    String print(java.util.function.Function<Node, String> remark) {
        StringBuilder text = new StringBuilder("tree of seed " + seed + ": run on a "
                + (onPlatformThread ? "platform" : "virtual") + " thread, cancelled after " + endsAfterMicros + " µs"
                + (interruptAfterMicros < 0 ? "" : ", interrupted after " + interruptAfterMicros + " µs") + '\n');
        print(root, 1, remark, text);
        return text.toString();
    }

    private static void print(
            Node node, int depth, java.util.function.Function<Node, String> remark, StringBuilder text) {
        text.append("  ".repeat(depth))
                .append(node)
                .append(' ')
                .append(node.micros)
                .append(" µs, form ")
                .append(node.variant)
                .append(remark.apply(node))
                .append('\n');
        node.children.forEach(child -> print(child, depth + 1, remark, text));
    }

    /** Where a node stands: what may be put there without a hang that nobody ends. */
    private record Place(int depth, boolean ends, boolean interruptible, boolean virtual, boolean isTask) {
        Place inside() {
            return ending(ends);
        }

        Place inTask() {
            return new Place(depth + 1, ends, true, true, true);
        }

        Place ending(boolean ends) {
            return new Place(depth + 1, ends, interruptible, virtual, false);
        }

        Place endingTask() {
            return new Place(depth + 1, true, true, true, true);
        }

        Place onWorker() {
            return new Place(depth + 1, ends, false, false, false);
        }
    }

    private static final class Maker {
        private static final int DEEPEST = 6;
        private static final Kind[] LEAVES = {
            Kind.VALUE,
            Kind.SPIN,
            Kind.CHECKPOINT,
            Kind.FAIL,
            Kind.SLEEP,
            Kind.SLEEP,
            Kind.HANG,
            Kind.HANG,
            Kind.CANCEL_SELF,
            Kind.FOREIGN_NAP,
            Kind.FOREIGN_NAP,
            Kind.FOREIGN_HANG,
            Kind.FOREIGN_HANG,
            Kind.ECHO,
            Kind.SOCKET_HANG,
            Kind.SOCKET_HANG,
            Kind.BRACKET_HANG,
            Kind.ABANDON,
            Kind.MANY_GATHERS,
            Kind.MANY_MOVE_ONS
        };
        private static final Kind[] COMPOSITES;

        static {
            List<Kind> composites = new ArrayList<>();
            for (Kind kind : Kind.values()) {
                if (kind.ordinal() >= Kind.SEQUENCE.ordinal()) {
                    composites.add(kind);
                }
            }
            composites.add(Kind.SEQUENCE);
            composites.add(Kind.TIMEOUT);
            composites.add(Kind.GROUP);
            composites.add(Kind.GATHER);
            COMPOSITES = composites.toArray(Kind[]::new);
        }

        private final long seed;
        private final Random random;
        private int ids;
        private int budget;

        Maker(long seed) {
            this.seed = seed;
            this.random = new Random(seed);
        }

        Tree make() {
            budget = 4 + random.nextInt(60);
            boolean platform = random.nextBoolean();
            int end = 500 + duration(15);
            int interrupt = random.nextInt(4) == 0 ? random.nextInt(end) : -1;
            Node root = node(new Place(0, true, true, !platform, false), COMPOSITES[random.nextInt(COMPOSITES.length)]);
            return new Tree(seed, platform, end, interrupt, root, ids);
        }

        /** As many short ones as long ones; up to 2^bits microseconds. */
        private int duration(int bits) {
            return 1 + random.nextInt(1 << (1 + random.nextInt(bits)));
        }

        private Node any(Place place) {
            boolean leaf = place.depth >= DEEPEST || budget <= 0 || random.nextInt(10) < place.depth + 1;
            Kind[] kinds = leaf ? LEAVES : COMPOSITES;
            return node(place, kinds[random.nextInt(kinds.length)]);
        }

        private List<Node> some(int atLeast, int atMost, Place place) {
            List<Node> nodes = new ArrayList<>();
            int count = atLeast + random.nextInt(atMost - atLeast + 1);
            for (int i = 0; i < count; i++) {
                nodes.add(any(place));
            }
            return nodes;
        }

        private Node node(Place place, Kind wanted) {
            budget--;
            Kind kind = possible(wanted, place);
            int id = ids++;
            int micros = duration(kind == Kind.SPIN ? 7 : 12);
            int variant = random.nextInt(1 << 20);
            if (kind == Kind.BRACKET_HANG && !place.interruptible) {
                variant |= 1; // only forms with a hook that ends the call
            }
            if (kind == Kind.SOCKET_HANG && !place.virtual) {
                variant = variant / 7 * 7 + 4 + variant % 2; // an interrupt of a platform thread stops only channels
            }
            if (kind == Kind.TIMEOUT && random.nextInt(20) == 0) {
                micros = 0;
            }
            boolean short_ = random.nextInt(3) > 0;
            boolean endsSoon = micros > 0;
            List<Node> children = switch (kind) {
                case SEQUENCE -> some(2, 5, place.inside());
                case CATCH, STACK, NESTED_RUN -> some(1, 1, place.inside());
                case USING -> some(1, 1, place.inside());
                case SWALLOW -> some(1, 1, place.inside());
                case TIMEOUT, MOVE_ON -> {
                    if (!short_) {
                        micros = Integer.MAX_VALUE; // half an hour: it never passes
                    }
                    yield some(1, 1, short_ && endsSoon ? place.ending(true) : place.inside());
                }
                case SHIELD -> {
                    boolean soon = short_ && place.ends;
                    if (!soon) {
                        micros = Integer.MAX_VALUE;
                    }
                    yield some(1, 1, place.ending(soon));
                }
                case BLOCKING, EXECUTOR -> some(1, 1, place.onWorker());
                case GATHER, GATHER_OUTCOMES, RACE, AS_COMPLETED, AS_COMPLETED_BOUNDED, MAP_CONCURRENT ->
                    some(1, 5, place.inTask());
                // Its tasks end with the scope around it, whatever happens.
                case AS_COMPLETED_LEFT -> some(2, 4, place.inTask());
                case GROUP, SUPERVISED -> {
                    List<Node> nodes = some(1, 4, place.inTask());
                    nodes.add(any(place.inside()));
                    yield nodes;
                }
                case GROUP_CANCELLED -> {
                    List<Node> nodes = some(1, 4, place.endingTask());
                    nodes.add(any(place.inside()));
                    yield nodes;
                }
                case CHILD_CANCELLED -> {
                    List<Node> nodes = some(1, 1, place.endingTask());
                    nodes.add(any(place.inside()));
                    yield nodes;
                }
                case CHILD_INTERRUPTED -> {
                    List<Node> nodes = some(1, 1, place.inTask());
                    nodes.add(any(place.inside()));
                    yield nodes;
                }
                case BACKGROUND -> {
                    List<Node> nodes = some(1, 1, place.endingTask());
                    nodes.add(any(place.inside()));
                    if (!place.ends) {
                        variant |= 1; // is not awaited
                    }
                    yield nodes;
                }
                default -> List.of();
            };
            return new Node(id, kind, micros, variant, children);
        }

        private Kind possible(Kind kind, Place place) {
            return switch (kind) {
                case HANG, BRACKET_HANG -> place.ends ? kind : Kind.SLEEP;
                case FOREIGN_HANG -> place.ends && place.interruptible ? kind : Kind.FOREIGN_NAP;
                case SOCKET_HANG -> place.ends && place.interruptible ? kind : Kind.ECHO;
                // What swallows a cancellation has had its interrupt: nothing may come behind it.
                case SWALLOW -> place.isTask ? kind : Kind.CATCH;
                case CANCEL_SELF -> place.isTask || random.nextInt(4) == 0 ? kind : Kind.CHECKPOINT;
                default -> kind;
            };
        }
    }
}
