package dev.yibu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.yibu.lowlevel.CancelScope;
import dev.yibu.lowlevel.Context;
import dev.yibu.lowlevel.DeadlineScope;
import dev.yibu.lowlevel.Driver;
import dev.yibu.lowlevel.ForeignCall;
import dev.yibu.lowlevel.Holding;
import dev.yibu.lowlevel.Patience;
import dev.yibu.lowlevel.Ring;
import dev.yibu.lowlevel.Strand;
import dev.yibu.lowlevel.Suspension;
import dev.yibu.lowlevel.Timer;
import dev.yibu.lowlevel.WaitQueue;
import java.io.File;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.MethodModel;
import java.lang.classfile.attribute.LocalVariableInfo;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.AnnotatedTypeVariable;
import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/**
 * Each parameter of each public method and constructor of the exported packages that is not marked as nullable refuses
 * null by its name, before anything is called that was passed along with it.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class NullArgumentsTest {
    private static final List<String> PACKAGES = List.of("dev.yibu", "dev.yibu.lowlevel");

    private record Parameter(Executable method, int index, String name) {
        @Override
        public String toString() {
            String owner = method.getDeclaringClass().getSimpleName();
            String called = method instanceof Constructor<?> ? "new " + owner : owner + "." + method.getName();
            List<String> types = Arrays.stream(method.getParameterTypes())
                    .map(Class::getSimpleName)
                    .toList();
            return called + types + " refuses a null \"" + name + '"';
        }
    }

    @TestFactory
    Stream<DynamicTest> a_null_argument_is_refused_by_its_name() throws Exception {
        return parameters().stream()
                .map(p -> dynamicTest(
                        p.toString(), () -> assertTimeoutPreemptively(Duration.ofSeconds(30), () -> isRefused(p))));
    }

    @Test
    void the_parameters_of_all_public_types_are_found() throws Exception {
        assertThat(parameters().stream().map(Parameter::toString))
                .contains(
                        "Async.sleep[Duration] refuses a null \"duration\"",
                        "Task.cancel[String] refuses a null \"reason\"",
                        "new Suspension[Strand, Object] refuses a null \"on\"",
                        "Context.register[Carrier] refuses a null \"carrier\"")
                .hasSizeGreaterThan(100);
    }

    private static void isRefused(Parameter parameter) {
        Throwable thrown = Async.run(() -> TaskGroup.call(group -> {
            Samples samples = new Samples(group);
            Throwable refusal =
                    Async.timeout(Duration.ofHours(1), () -> catchThrowable(() -> call(parameter, samples)));
            group.cancel("the call was tried");
            return refusal;
        }));
        assertThat(thrown)
                .as(parameter.toString())
                .isInstanceOf(NullPointerException.class)
                .hasMessage(parameter.name());
    }

    private static void call(Parameter parameter, Samples samples) throws Throwable {
        Executable method = parameter.method();
        Object[] arguments = new Object[method.getParameterCount()];
        for (int i = 0; i < arguments.length; i++) {
            arguments[i] = i == parameter.index() ? null : samples.of(method.getParameterTypes()[i]);
        }
        try {
            switch (method) {
                case Constructor<?> constructor -> constructor.newInstance(arguments);
                case Method called ->
                    called.invoke(
                            Modifier.isStatic(called.getModifiers()) ? null : samples.of(called.getDeclaringClass()),
                            arguments);
            }
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    /** An argument of each type; whatever can be called fails the test when it is. */
    private static final class Samples {
        private final Map<Class<?>, Supplier<?>> suppliers = Map.ofEntries(
                Map.entry(boolean.class, () -> true),
                Map.entry(int.class, () -> 1),
                Map.entry(double.class, () -> 1.0),
                Map.entry(long.class, () -> 1L),
                Map.entry(String.class, () -> "sample"),
                Map.entry(Object.class, () -> "sample"),
                Map.entry(Class.class, () -> RuntimeException.class),
                Map.entry(Throwable.class, () -> new IllegalStateException("sample")),
                Map.entry(Duration.class, () -> Duration.ofHours(1)),
                Map.entry(Instant.class, () -> Instant.EPOCH),
                Map.entry(Optional.class, Optional::empty),
                Map.entry(OptionalLong.class, OptionalLong::empty),
                Map.entry(TimeUnit.class, () -> TimeUnit.HOURS),
                Map.entry(ScopedValue.class, ScopedValue::newInstance),
                Map.entry(RunOptions.class, RunOptions::defaults),
                Map.entry(GroupOptions.class, () -> GroupOptions.DEFAULT),
                Map.entry(Cancelled.class, () -> new Cancelled(reason(), null)),
                Map.entry(CancelReason.class, Samples::reason),
                Map.entry(CancelReason.Kind.class, () -> CancelReason.Kind.REQUESTED),
                Map.entry(TaskInfo.State.class, () -> TaskInfo.State.RUNNING),
                Map.entry(Retry.class, () -> Retry.immediately(2)),
                Map.entry(ScopedTasks.class, () -> ScopedTasks.open("sample", new ScopedTasks.Listener() {})),
                Map.entry(Holding.class, () -> new Holding() {
                    @Override
                    protected void abandoned(Strand holder) {}
                }),
                Map.entry(Task.class, Async::currentTask),
                Map.entry(Portal.class, Async::portal),
                Map.entry(Deadline.class, Async::deadline),
                Map.entry(Completions.class, () -> Async.asCompleted(List.of(), x -> x)),
                Map.entry(ContextVar.class, () -> ContextVar.create("sample")),
                Map.entry(ResourceStack.class, ResourceStack::new),
                Map.entry(Driver.class, Driver::real),
                Map.entry(Context.class, () -> Context.EMPTY),
                Map.entry(Context.Binding.class, () -> new Context.Binding("sample", "sample", null)),
                Map.entry(Strand.class, Strand::current),
                Map.entry(CancelScope.class, () -> Strand.current().scope()),
                Map.entry(DeadlineScope.class, () -> new DeadlineScope(Strand.current(), 1, null)),
                Map.entry(Suspension.class, () -> new Suspension<String>(Strand.current(), "sample")),
                Map.entry(WaitQueue.class, WaitQueue<String>::new),
                Map.entry(Ring.class, () -> new Ring<String>(1)),
                Map.entry(Patience.class, Patience::new),
                Map.entry(ForeignCall.class, () -> ForeignCall.named("sample").onCancel(() -> {}, Duration.ZERO)),
                Map.entry(Timer.class, () -> new Timer() {
                    @Override
                    protected void expire() {}
                }));

        private final TaskGroup group;

        Samples(TaskGroup group) {
            this.group = group;
        }

        private static CancelReason reason() {
            return new CancelReason(CancelReason.Kind.REQUESTED, "sample");
        }

        Object of(Class<?> type) {
            if (type == TaskGroup.class) {
                return group;
            }
            Supplier<?> supplier = suppliers.get(type);
            if (supplier != null) {
                return supplier.get();
            }
            if (type.isArray()) {
                return Array.newInstance(type.getComponentType(), 0);
            }
            assertThat(type).as("has a sample").isInterface();
            return Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                return switch (method.getName()) {
                    case "toString" -> "sample";
                    case "hashCode" -> 1;
                    case "equals" -> proxy == arguments[0];
                    default -> throw new AssertionError("it called " + method + " before it looked at its arguments");
                };
            });
        }
    }

    // ---------------------------------------------------------------- what there is to call

    private static List<Parameter> parameters() throws Exception {
        List<Parameter> parameters = new ArrayList<>();
        for (Class<?> type : publicTypes()) {
            List<Executable> methods = new ArrayList<>(List.of(type.getDeclaredConstructors()));
            methods.addAll(List.of(type.getDeclaredMethods()));
            methods.sort(Comparator.comparing(Executable::toString));
            for (Executable method : methods) {
                if (isCallable(method)) {
                    addParameters(method, parameters);
                }
            }
        }
        return parameters;
    }

    private static boolean isCallable(Executable method) {
        boolean ofEveryRecordOrEnum =
                method.getName().equals("equals") || method.getName().equals("valueOf");
        return Modifier.isPublic(method.getModifiers())
                && !Modifier.isAbstract(method.getModifiers())
                && !(method instanceof Method called && called.isDefault()) // what a user overrides
                && !method.isSynthetic()
                && !ofEveryRecordOrEnum;
    }

    private static void addParameters(Executable method, List<Parameter> parameters) throws Exception {
        AnnotatedType[] types = method.getAnnotatedParameterTypes();
        for (int i = 0; i < types.length; i++) {
            if (!method.getParameterTypes()[i].isPrimitive() && !isNullable(types[i])) {
                parameters.add(new Parameter(method, i, nameOf(method, i)));
            }
        }
    }

    private static boolean isNullable(AnnotatedType type) {
        return isMarked(type)
                || (type instanceof AnnotatedTypeVariable
                        && type.getType() instanceof java.lang.reflect.TypeVariable<?> variable
                        && Arrays.stream(variable.getAnnotatedBounds()).anyMatch(NullArgumentsTest::isMarked));
    }

    private static boolean isMarked(AnnotatedElement element) {
        return element.isAnnotationPresent(Nullable.class);
    }

    private static List<Class<?>> publicTypes() throws Exception {
        List<Class<?>> types = new ArrayList<>();
        for (String name : PACKAGES) {
            File[] files =
                    classes().resolve(name.replace('.', '/')).toFile().listFiles((_, file) -> file.endsWith(".class"));
            Arrays.sort(files);
            for (File file : files) {
                Class<?> type = Class.forName(name + "." + file.getName().replace(".class", ""));
                if (isPublic(type)) {
                    types.add(type);
                }
            }
        }
        return types;
    }

    private static boolean isPublic(Class<?> type) {
        return Modifier.isPublic(type.getModifiers())
                && (type.getDeclaringClass() == null || isPublic(type.getDeclaringClass()));
    }

    /** The folder with all classes: some may come from another one, in front of it. */
    private static Path classes() throws URISyntaxException {
        Path info = Path.of(Async.class.getResource("package-info.class").toURI());
        return info.resolve("../../..").normalize();
    }

    /** As the compiler left it for debuggers. */
    private static String nameOf(Executable method, int index) throws Exception {
        Class<?> owner = method.getDeclaringClass();
        Path file = classes().resolve(owner.getName().replace('.', '/') + ".class");
        String name = method instanceof Constructor<?> ? "<init>" : method.getName();
        int slot = Modifier.isStatic(method.getModifiers()) ? 0 : 1;
        for (Class<?> before : Arrays.copyOf(method.getParameterTypes(), index)) {
            slot += before == long.class || before == double.class ? 2 : 1;
        }
        for (MethodModel model : ClassFile.of().parse(file).methods()) {
            if (model.methodName().equalsString(name)
                    && model.methodTypeSymbol().parameterList().stream()
                            .map(type -> type.descriptorString())
                            .toList()
                            .equals(Arrays.stream(method.getParameterTypes())
                                    .map(Class::descriptorString)
                                    .toList())) {
                for (LocalVariableInfo variable : model.code()
                        .orElseThrow()
                        .findAttribute(Attributes.localVariableTable())
                        .orElseThrow()
                        .localVariables()) {
                    if (variable.slot() == slot && variable.startPc() == 0) {
                        return variable.name().stringValue();
                    }
                }
            }
        }
        throw new AssertionError("no name for parameter " + index + " of " + method);
    }
}
