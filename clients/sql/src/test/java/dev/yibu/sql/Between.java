package dev.yibu.sql;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.Statement;
import java.util.LinkedHashSet;
import java.util.Set;
import javax.sql.DataSource;

/** Stands between a database and its driver, where it sees each call and may do something else instead. */
final class Between {
    /** The call that the driver would get. */
    interface Call {
        Object make() throws Throwable;
    }

    /** What is done instead of a call. */
    interface Instead {
        Object of(String method, Call call) throws Throwable;
    }

    private Between() {}

    /** A source whose connections and statements, as this itself, are seen by {@code instead}. */
    static DataSource of(DataSource source, Instead instead) {
        return (DataSource) proxy(source, instead);
    }

    private static Object proxy(Object target, Instead instead) {
        Set<Class<?>> interfaces = new LinkedHashSet<>();
        for (Class<?> type = target.getClass(); type != null; type = type.getSuperclass()) {
            addInterfaces(type, interfaces);
        }
        return Proxy.newProxyInstance(
                Between.class.getClassLoader(),
                interfaces.toArray(Class<?>[]::new),
                (self, method, arguments) -> instead.of(method.getName(), () -> {
                    if (method.getName().equals("equals")) {
                        return self == arguments[0];
                    }
                    Object result = invoke(target, method, arguments);
                    return result instanceof Connection || result instanceof Statement
                            ? proxy(result, instead)
                            : result;
                }));
    }

    private static void addInterfaces(Class<?> type, Set<Class<?>> interfaces) {
        for (Class<?> each : type.getInterfaces()) {
            if (Modifier.isPublic(each.getModifiers())) {
                interfaces.add(each);
            }
        }
    }

    private static Object invoke(Object target, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
