package dev.yibu;

import dev.yibu.CancelReason.Kind;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Ctrl-C and SIGTERM: the first one cancels the {@code run}s that asked for it, a second one ends the process at once.
 *
 * <p>The JDK's signal class lives in the module jdk.unsupported. The core requires java.base only, so it is reached by
 * reflection; on a runtime without it signals keep their default action.
 */
final class TerminationSignals {
    private static final Map<String, Integer> NUMBERS = Map.of("INT", 2, "TERM", 15);
    private static final Deque<TaskStrand<?>> LISTENING = new ArrayDeque<>();
    private static final Map<String, Object> PREVIOUS = new LinkedHashMap<>();
    private static boolean received;

    private TerminationSignals() {}

    static void listen(TaskStrand<?> main) {
        synchronized (LISTENING) {
            if (LISTENING.isEmpty()) {
                received = false;
                NUMBERS.keySet().stream().sorted().forEach(TerminationSignals::install);
            }
            LISTENING.push(main);
        }
    }

    static void ignore(TaskStrand<?> main) {
        synchronized (LISTENING) {
            LISTENING.remove(main);
            if (LISTENING.isEmpty()) {
                PREVIOUS.forEach(TerminationSignals::restore);
                PREVIOUS.clear();
            }
        }
    }

    static SignalException exception(CancelReason reason) {
        String name = reason.message().substring("SIG".length());
        return new SignalException(reason.message(), NUMBERS.getOrDefault(name, 0));
    }

    private static void received(String name) {
        Deque<TaskStrand<?>> targets;
        synchronized (LISTENING) {
            if (received) {
                Runtime.getRuntime().halt(128 + NUMBERS.getOrDefault(name, 0));
            }
            received = true;
            targets = new ArrayDeque<>(LISTENING);
        }
        targets.forEach(main -> main.cancel(new CancelReason(Kind.SIGNAL, "SIG" + name)));
    }

    private static void install(String name) {
        try {
            Class<?> signals = Class.forName("sun.misc.Signal");
            Class<?> handlers = Class.forName("sun.misc.SignalHandler");
            Object handler = Proxy.newProxyInstance(
                    handlers.getClassLoader(), new Class<?>[] {handlers}, (proxy, method, arguments) -> {
                        switch (method.getName()) {
                            case "handle" -> received(name);
                            case "equals" -> {
                                return arguments != null && proxy == arguments[0];
                            }
                            case "hashCode" -> {
                                return System.identityHashCode(proxy);
                            }
                            case "toString" -> {
                                return "Yibu's handler of SIG" + name;
                            }
                            default -> {}
                        }
                        return null;
                    });
            Method handle = signals.getMethod("handle", signals, handlers);
            Object signal = signals.getConstructor(String.class).newInstance(name);
            PREVIOUS.put(name, handle.invoke(null, signal, handler));
        } catch (ReflectiveOperationException | IllegalArgumentException e) {
            System.getLogger("dev.yibu")
                    .log(System.Logger.Level.DEBUG, "SIG" + name + " keeps its default action here", e);
        }
    }

    private static void restore(String name, Object handler) {
        try {
            Class<?> signals = Class.forName("sun.misc.Signal");
            Class<?> handlers = Class.forName("sun.misc.SignalHandler");
            Object signal = signals.getConstructor(String.class).newInstance(name);
            signals.getMethod("handle", signals, handlers).invoke(null, signal, handler);
        } catch (InvocationTargetException e) {
            System.getLogger("dev.yibu")
                    .log(System.Logger.Level.DEBUG, "the handler of SIG" + name + " was not restored", e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("sun.misc.Signal was there a moment ago", e);
        }
    }
}
