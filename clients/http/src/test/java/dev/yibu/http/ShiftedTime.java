package dev.yibu.http;

import dev.yibu.lowlevel.Driver;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** The real driver, but for its clock, which a test can put forward. */
final class ShiftedTime {
    private final AtomicLong shiftNanos = new AtomicLong();
    private final Driver driver = (Driver) Proxy.newProxyInstance(
            Driver.class.getClassLoader(), new Class<?>[] {Driver.class}, (_, method, args) -> call(method, args));

    private Object call(Method method, Object[] args) throws Throwable {
        try {
            Object result = method.invoke(Driver.real(), args);
            return method.getName().equals("nanoTime") ? (Long) result + shiftNanos.get() : result;
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    /** A session with this clock. */
    HttpSession open(HttpOptions options) {
        return HttpSession.open(options, InetAddress::getAllByName, driver);
    }

    void advance(Duration by) {
        shiftNanos.addAndGet(by.toNanos());
    }
}
