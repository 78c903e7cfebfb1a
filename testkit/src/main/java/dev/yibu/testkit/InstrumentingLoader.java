package dev.yibu.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.MonitorInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.reflect.AccessFlag;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/*
 * Defines the program under test anew, with a call of Access before each access to a field or an atomic, so that a
 * simulated world can interleave tasks between any two of them. What the program and the test kit consist of is defined by
 * this loader; the JDK and the libraries of testing are shared with the loader around it, so that JUnit sees its own types.
 *
 * Accesses inside of locks are no places to be preempted: nobody else could see a difference there but through a lock that
 * the simulation does not know. The depth of locks is counted where they are taken and released.
 *
 * Who spins gives way in any package. It may spin for somebody who was preempted in one of those that are instrumented, and
 * would else keep the turn for ever.
 */
final class InstrumentingLoader extends ClassLoader {
    private static final ClassDesc ACCESS = ClassDesc.of("dev.yibu.testkit.Access");
    private static final Set<String> SHARED = Set.of(
            "java.",
            "javax.",
            "jdk.",
            "sun.",
            "com.sun.",
            "org.junit.",
            "org.opentest4j.",
            "org.apiguardian.",
            "org.assertj.",
            "net.bytebuddy.",
            "org.jspecify.",
            "org.hamcrest.",
            "org.mockito.");
    private static final Set<String> INTERRUPTS = Set.of("interrupt", "interrupted", "isInterrupted");

    static final String NAME = "instrumented";

    private record Key(ClassLoader around, Set<String> packages) {}

    /** One for all tests that want the same: what it has loaded is compiled and warm from the second test on. */
    private static final Map<Key, InstrumentingLoader> LOADERS = new ConcurrentHashMap<>();

    private final Set<String> packages;

    /**
     * @param around has the classes to define anew
     * @param packages whose accesses are places to be preempted
     */
    static InstrumentingLoader of(ClassLoader around, Set<String> packages) {
        return LOADERS.computeIfAbsent(
                new Key(around, packages), key -> new InstrumentingLoader(key.around(), key.packages()));
    }

    private InstrumentingLoader(ClassLoader around, Set<String> packages) {
        super(NAME, around);
        this.packages = packages;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (SHARED.stream().anyMatch(name::startsWith)) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            if (loaded == null) {
                loaded = define(name);
            }
            if (resolve) {
                resolveClass(loaded);
            }
            return loaded;
        }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
        byte[] bytes;
        try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
            if (in == null) {
                throw new ClassNotFoundException(name);
            }
            bytes = in.readAllBytes();
        } catch (IOException e) {
            throw new ClassNotFoundException(name, e);
        }
        String itsPackage = name.substring(0, Math.max(0, name.lastIndexOf('.')));
        if (packages.contains(itsPackage)) {
            bytes = instrument(bytes);
        } else if (!itsPackage.equals(InstrumentingLoader.class.getPackageName())) {
            bytes = instrumentSpins(bytes);
        }
        return defineClass(name, bytes, 0, bytes.length);
    }

    private static byte[] instrumentSpins(byte[] bytes) {
        ClassFile classFile = ClassFile.of();
        ClassModel model = classFile.parse(bytes);
        for (PoolEntry entry : model.constantPool()) {
            if (entry instanceof MemberRefEntry member && isSpin(member)) {
                CodeTransform code = InstrumentingLoader::instrumentSpin;
                return classFile.transformClass(model, ClassTransform.transformingMethodBodies(code));
            }
        }
        return bytes;
    }

    private static void instrumentSpin(CodeBuilder builder, CodeElement element) {
        if (element instanceof InvokeInstruction call && isSpin(call.method())) {
            call(builder, "spin");
        } else {
            builder.with(element);
        }
    }

    private static byte[] instrument(byte[] bytes) {
        ClassFile classFile = ClassFile.of();
        ClassModel model = classFile.parse(bytes);
        Set<String> finals = new HashSet<>();
        model.fields().stream()
                .filter(field -> field.flags().has(AccessFlag.FINAL))
                .forEach(field -> finals.add(field.fieldName().stringValue()));
        String self = model.thisClass().asInternalName();
        CodeTransform code = (builder, element) -> instrument(builder, element, self, finals);
        return classFile.transformClass(
                model, ClassTransform.transformingMethodBodies(method -> isInstrumented(self, method), code));
    }

    /**
     * Nobody else sees an object under construction, a class being initialised blocks the others, and who one is oneself
     * depends on nobody.
     */
    private static boolean isInstrumented(String self, MethodModel method) {
        String name = method.methodName().stringValue();
        return !name.equals(ConstantDescs.INIT_NAME)
                && !name.equals(ConstantDescs.CLASS_INIT_NAME)
                && !(self.equals("dev/yibu/lowlevel/Strand") && name.equals("current"));
    }

    private static void instrument(CodeBuilder builder, CodeElement element, String self, Set<String> finals) {
        switch (element) {
            case FieldInstruction access
            when !(access.owner().asInternalName().equals(self)
                    && finals.contains(access.name().stringValue())) -> call(builder, "point");
            case InvokeInstruction call when isAtomic(call) -> call(builder, "point");
            case InvokeInstruction call
            when isSpin(call.method()) -> {
                call(builder, "spin");
                return;
            }
            case InvokeInstruction call
            when isLock(call, "lock") -> {
                builder.with(element);
                call(builder, "locked");
                return;
            }
            case InvokeInstruction call
            when isLock(call, "tryLock") -> {
                builder.with(element);
                builder.dup();
                builder.invokestatic(
                        ACCESS, "tried", MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_boolean));
                return;
            }
            case InvokeInstruction call
            when isLock(call, "unlock") -> {
                builder.with(element);
                call(builder, "unlocked");
                return;
            }
            case MonitorInstruction monitor -> {
                builder.with(element);
                call(builder, monitor.opcode() == Opcode.MONITORENTER ? "locked" : "unlocked");
                return;
            }
            default -> {}
        }
        builder.with(element);
    }

    private static void call(CodeBuilder builder, String method) {
        builder.invokestatic(ACCESS, method, ConstantDescs.MTD_void);
    }

    private static boolean isAtomic(InvokeInstruction call) {
        String owner = call.owner().asInternalName();
        String name = call.name().stringValue();
        return owner.equals("java/lang/invoke/VarHandle")
                || (owner.equals("java/lang/Thread") && INTERRUPTS.contains(name))
                || (owner.startsWith("java/util/concurrent/atomic/") && !name.equals(ConstantDescs.INIT_NAME));
    }

    private static boolean isSpin(MemberRefEntry method) {
        String name = method.name().stringValue();
        return method.owner().asInternalName().equals("java/lang/Thread")
                && (name.equals("yield") || name.equals("onSpinWait"));
    }

    private static boolean isLock(InvokeInstruction call, String method) {
        return call.owner().asInternalName().startsWith("java/util/concurrent/locks/")
                && call.name().stringValue().equals(method)
                && !call.owner().asInternalName().contains("StampedLock");
    }
}
