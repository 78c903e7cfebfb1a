package dev.yibu.cli;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import org.jspecify.annotations.Nullable;

/**
 * A method where a class begins to run, found and called by the launch protocol of JEP 512: with {@code String[]} before
 * without, static or not, inherited or not, anything but private.
 */
final class EntryPoint {
    private final Method method;
    private final @Nullable Constructor<?> constructor;

    private EntryPoint(Method method, @Nullable Constructor<?> constructor) {
        this.method = method;
        this.constructor = constructor;
    }

    /**
     * The main method of a class.
     *
     * @throws NoSuchMethodException if there is none, with a message for the author of the class
     */
    static EntryPoint main(Class<?> type) throws NoSuchMethodException {
        EntryPoint main = named("main", type);
        if (main == null) {
            throw new NoSuchMethodException("class " + type.getName()
                    + " has no main method that is not private; write void main() or void main(String[] args)");
        }
        return main;
    }

    /**
     * A method that is called as a main method is; null if there is none.
     *
     * @throws NoSuchMethodException if it needs an object of the class and there is no way to make one
     */
    static @Nullable EntryPoint named(String name, Class<?> type) throws NoSuchMethodException {
        Method method = find(name, type, String[].class);
        if (method == null) {
            method = find(name, type);
        }
        if (method == null) {
            return null;
        }
        method.setAccessible(true);
        return new EntryPoint(method, Modifier.isStatic(method.getModifiers()) ? null : constructor(type));
    }

    private static @Nullable Method find(String name, Class<?> type, Class<?>... parameters) {
        for (Class<?> each = type; each != null; each = each.getSuperclass()) {
            try {
                Method method = each.getDeclaredMethod(name, parameters);
                if (!Modifier.isPrivate(method.getModifiers()) && method.getReturnType() == void.class) {
                    return method;
                }
            } catch (NoSuchMethodException e) {
                // perhaps it is inherited
            }
        }
        return null;
    }

    private static Constructor<?> constructor(Class<?> type) throws NoSuchMethodException {
        try {
            Constructor<?> constructor = type.getDeclaredConstructor();
            if (!Modifier.isPrivate(constructor.getModifiers()) && !Modifier.isAbstract(type.getModifiers())) {
                constructor.setAccessible(true);
                return constructor;
            }
        } catch (NoSuchMethodException e) {
            // told below
        }
        throw new NoSuchMethodException("the main method of class " + type.getName() + " is not static, so the class"
                + " needs a constructor without parameters that is not private");
    }

    /**
     * Calls it.
     *
     * @throws Throwable what it throws, as it is
     */
    void call(String... arguments) throws Throwable {
        try {
            Object instance = constructor == null ? null : constructor.newInstance();
            if (method.getParameterCount() == 0) {
                method.invoke(instance);
            } else {
                method.invoke(instance, (Object) arguments);
            }
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
