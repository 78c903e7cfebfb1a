package dev.yibu.sql;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How a record is made of a row. A column belongs to the component of the same name, whatever the case and the
 * underscores: {@code first_name} to {@code firstName}.
 */
record RecordShape(List<String> names, List<Type> types, MethodHandle constructor) {
    private static final ClassValue<RecordShape> KNOWN = new ClassValue<>() {
        @Override
        protected RecordShape computeValue(Class<?> type) {
            return find(type);
        }
    };

    static RecordShape of(Class<?> type) {
        return KNOWN.get(type);
    }

    private static RecordShape find(Class<?> type) {
        RecordComponent[] components = type.getRecordComponents();
        try {
            Constructor<?> constructor = type.getDeclaredConstructor(
                    Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
            constructor.setAccessible(true);
            MethodHandle handle = MethodHandles.lookup()
                    .unreflectConstructor(constructor)
                    .asSpreader(Object[].class, components.length)
                    .asType(MethodType.methodType(Object.class, Object[].class));
            return new RecordShape(
                    Arrays.stream(components).map(c -> plain(c.getName())).toList(),
                    Arrays.stream(components)
                            .map(RecordComponent::getGenericType)
                            .toList(),
                    handle);
        } catch (ReflectiveOperationException | RuntimeException e) {
            throw closed(type, e);
        }
    }

    private static IllegalArgumentException closed(Class<?> type, Exception e) {
        return new IllegalArgumentException(
                type.getName() + " is closed to dev.yibu.sql: open its package in module-info.java", e);
    }

    /** A name without what differs between Java and SQL. */
    static String plain(String name) {
        return name.replace("_", "").toLowerCase(Locale.ROOT);
    }

    static @Nullable Object read(RecordComponent component, Record from) {
        try {
            Method accessor = component.getAccessor();
            accessor.setAccessible(true);
            return accessor.invoke(from);
        } catch (InvocationTargetException e) {
            throw new IllegalArgumentException(component + " can't be read", e.getCause());
        } catch (ReflectiveOperationException | RuntimeException e) {
            throw closed(from.getClass(), e);
        }
    }
}
