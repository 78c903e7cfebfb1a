package dev.yibu.testkit;

import java.lang.annotation.Annotation;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.HierarchyTraversalMode;

/**
 * Runs test methods of JUnit in simulated worlds. The annotations of this package bring it along; there is no need to
 * register it. A failure is a {@link SimulationFailure}.
 */
public final class SimulationExtension implements InvocationInterceptor {

    /** For JUnit. */
    public SimulationExtension() {}

    @Override
    public void interceptTestMethod(
            Invocation<@Nullable Void> invocation,
            ReflectiveInvocationContext<Method> invocationContext,
            ExtensionContext context)
            throws Throwable {
        simulate(invocation, invocationContext, context);
    }

    @Override
    public void interceptTestTemplateMethod(
            Invocation<@Nullable Void> invocation,
            ReflectiveInvocationContext<Method> invocationContext,
            ExtensionContext context)
            throws Throwable {
        simulate(invocation, invocationContext, context);
    }

    /** The simulation runs these itself, on the instance that it makes. */
    @Override
    public void interceptBeforeEachMethod(
            Invocation<@Nullable Void> invocation,
            ReflectiveInvocationContext<Method> invocationContext,
            ExtensionContext context) {
        invocation.skip();
    }

    @Override
    public void interceptAfterEachMethod(
            Invocation<@Nullable Void> invocation,
            ReflectiveInvocationContext<Method> invocationContext,
            ExtensionContext context) {
        invocation.skip();
    }

    private static void simulate(
            Invocation<@Nullable Void> invocation,
            ReflectiveInvocationContext<Method> invocationContext,
            ExtensionContext context)
            throws Throwable {
        invocation.skip();
        Class<?> type = context.getRequiredTestClass();
        Method method = invocationContext.getExecutable();
        Object[] arguments = invocationContext.getArguments().toArray();
        String[] packages =
                find(Explore.class, method, type).map(Explore::everyAccessOf).orElse(new String[0]);
        if (packages.length == 0) {
            run(type, method, arguments);
        } else {
            runInstrumented(type, method, arguments, Set.of(packages));
        }
    }

    private static void runInstrumented(Class<?> type, Method method, Object[] arguments, Set<String> packages)
            throws Throwable {
        InstrumentingLoader loader = InstrumentingLoader.of(type.getClassLoader(), packages);
        Class<?> twin = loader.loadClass(type.getName());
        Class<?>[] parameters = method.getParameterTypes();
        for (int i = 0; i < parameters.length; i++) {
            parameters[i] = parameters[i].isPrimitive() ? parameters[i] : loader.loadClass(parameters[i].getName());
        }
        Method twinMethod =
                loader.loadClass(method.getDeclaringClass().getName()).getDeclaredMethod(method.getName(), parameters);
        Method run = loader.loadClass(SimulationExtension.class.getName())
                .getDeclaredMethod("run", Class.class, Method.class, Object[].class);
        run.setAccessible(true);
        try {
            run.invoke(null, twin, twinMethod, arguments);
        } catch (InvocationTargetException e) {
            throw e.getTargetException();
        }
    }

    private static void run(Class<?> type, Method method, Object[] arguments) {
        exploration(new Program(type, method, arguments), type, method).run();
    }

    private static Exploration exploration(Program program, Class<?> type, Method method) {
        Exploration exploration = Exploration.ofProgram(program);
        Optional<Explore> explore = find(Explore.class, method, type);
        Optional<Replay> replay = AnnotationSupport.findAnnotation(method, Replay.class);
        if (replay.isPresent()) {
            return exploration
                    .everywhere(explore.map(Explore::everywhere).orElse(false))
                    .replay(replay.get().value());
        }
        int cancelled = find(CancelEverywhere.class, method, type)
                .map(CancelEverywhere::schedules)
                .orElse(0);
        if (explore.isEmpty() || AnnotationSupport.isAnnotated(method, VirtualTime.class)) {
            return exploration.strategy(Strategy.IN_ORDER).seeds(0, 1).cancelEverywhere(cancelled);
        }
        Explore how = explore.get();
        return exploration
                .strategy(how.strategy())
                .seeds(how.first(), how.seeds())
                .depth(how.depth())
                .preemptions(how.preemptions())
                .everywhere(how.everywhere())
                .cancelEverywhere(cancelled);
    }

    /** On the method, or on the nearest class around it that has one. */
    private static <A extends Annotation> Optional<A> find(Class<A> kind, Method method, Class<?> type) {
        Optional<A> found = AnnotationSupport.findAnnotation(method, kind);
        for (Class<?> c = type; found.isEmpty() && c != null; c = c.getEnclosingClass()) {
            found = AnnotationSupport.findAnnotation(c, kind);
        }
        return found;
    }

    /** A test method and what belongs to it, on an instance of its own for each run. */
    private static final class Program implements Simulation.Program {
        private final Class<?> type;
        private final Method method;
        private final Object[] arguments;
        private final List<Method> before;
        private final List<Method> after;
        private @Nullable Object instance;

        Program(Class<?> type, Method method, Object[] arguments) {
            this.type = type;
            this.method = method;
            this.arguments = arguments;
            this.before = find(type, BeforeEach.class, HierarchyTraversalMode.TOP_DOWN);
            this.after = find(type, AfterEach.class, HierarchyTraversalMode.BOTTOM_UP);
            method.setAccessible(true);
        }

        private static List<Method> find(
                Class<?> type, Class<? extends Annotation> kind, HierarchyTraversalMode order) {
            List<Method> methods = new ArrayList<>(AnnotationSupport.findAnnotatedMethods(type, kind, order));
            for (Method found : methods) {
                if (found.getParameterCount() > 0) {
                    throw new IllegalStateException(found
                            + " has parameters; in a simulated test, @BeforeEach and @AfterEach methods have none");
                }
                found.setAccessible(true);
            }
            return methods;
        }

        @Override
        public void body() throws Throwable {
            instance = null;
            Object fresh = newInstance(type);
            instance = fresh;
            for (Method each : before) {
                invoke(each, fresh);
            }
            invoke(method, fresh, arguments);
        }

        @Override
        public boolean hasAfter() {
            return !after.isEmpty();
        }

        @Override
        public void after() throws Throwable {
            Object used = instance;
            if (used != null) {
                for (Method each : after) {
                    invoke(each, used);
                }
            }
        }

        private static Object newInstance(Class<?> type) throws Throwable {
            boolean inner = type.isMemberClass() && !Modifier.isStatic(type.getModifiers());
            Class<?>[] parameters = inner ? new Class<?>[] {type.getEnclosingClass()} : new Class<?>[0];
            Constructor<?> constructor = Arrays.stream(type.getDeclaredConstructors())
                    .filter(candidate -> Arrays.equals(candidate.getParameterTypes(), parameters))
                    .findFirst()
                    .orElseThrow(
                            () -> new IllegalStateException(
                                    type.getName()
                                            + " needs a constructor without parameters: a simulated test makes an instance for each run"));
            constructor.setAccessible(true);
            try {
                return inner
                        ? constructor.newInstance(newInstance(type.getEnclosingClass()))
                        : constructor.newInstance();
            } catch (InvocationTargetException e) {
                throw e.getTargetException();
            }
        }

        private static void invoke(Method method, Object target, Object... arguments) throws Throwable {
            try {
                method.invoke(target, arguments);
            } catch (InvocationTargetException e) {
                throw e.getTargetException();
            }
        }
    }
}
