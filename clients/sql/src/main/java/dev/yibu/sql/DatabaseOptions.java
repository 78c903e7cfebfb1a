package dev.yibu.sql;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How {@link Database#open(DatabaseOptions)} is to connect. Immutable; start from {@link #of}.
 *
 * {@snippet file="dev/yibu/sql/Snippets.java" region=options}
 *
 * <p>{@link #toString()} shows neither the password nor what follows the {@code ?} of the URL.
 *
 * @param url where the database is, as JDBC spells it: {@code jdbc:postgresql://host/name}, {@code
 *     jdbc:mariadb://host/name}
 * @param user who connects, unless the URL or the driver's default says it
 * @param password the user's password
 * @param name what listings and errors call the pool
 * @param poolSize how many connections there are at most; so many statements run at a time, others wait in turn
 * @param acquireTimeout how long a call waits for its turn, and then for a connection, before it fails
 * @param statementTimeout how long each statement may take, if that is limited
 * @param grace how long a server may take to stop a cancelled statement before the connection is cut, and how long
 *     clean-up may take in a cancelled task
 * @param properties for the driver; they come before what Yibu sets
 */
public record DatabaseOptions(
        String url,
        Optional<String> user,
        Optional<String> password,
        String name,
        int poolSize,
        Duration acquireTimeout,
        Optional<Duration> statementTimeout,
        Duration grace,
        Map<String, String> properties) {
    static final int DEFAULT_POOL_SIZE = 10;
    static final Duration DEFAULT_ACQUIRE_TIMEOUT = Duration.ofSeconds(30);
    static final Duration DEFAULT_GRACE = Duration.ofSeconds(5);

    /** A URL with user info of which it is plain where it ends. */
    private static final Pattern PLAIN = Pattern.compile("(jdbc:\\w+://)[^/@?;#]*@([^@?;#]*)([?;#][^@]*)?");

    /**
     * Checks its arguments.
     *
     * @throws NullPointerException if one is null
     * @throws IllegalArgumentException if the pool has no connections or a duration is negative
     */
    public DatabaseOptions {
        Objects.requireNonNull(url, "url");
        Objects.requireNonNull(user, "user");
        Objects.requireNonNull(password, "password");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(statementTimeout, "statementTimeout");
        properties = Map.copyOf(Objects.requireNonNull(properties, "properties"));
        checkPoolSize(poolSize);
        checkPositive("acquire timeout", Objects.requireNonNull(acquireTimeout, "acquireTimeout"));
        statementTimeout.ifPresent(timeout -> checkPositive("statement timeout", timeout));
        if (Objects.requireNonNull(grace, "grace").isNegative()) {
            throw new IllegalArgumentException("the grace is negative: " + grace);
        }
    }

    static void checkPoolSize(int poolSize) {
        if (poolSize < 1) {
            throw new IllegalArgumentException("a pool of " + poolSize + " connections; one is the least");
        }
    }

    private static void checkPositive(String what, Duration duration) {
        if (!duration.isPositive()) {
            throw new IllegalArgumentException("the " + what + " is " + duration + "; it must be positive");
        }
    }

    /**
     * A pool of 10 connections, 30 s to get one, no limit for statements, a grace of 5 s, and the database's name.
     *
     * @param url where the database is, as JDBC spells it
     * @return the options
     */
    public static DatabaseOptions of(String url) {
        return new DatabaseOptions(
                url,
                Optional.empty(),
                Optional.empty(),
                lastPart(withoutSecrets(Objects.requireNonNull(url, "url"))),
                DEFAULT_POOL_SIZE,
                DEFAULT_ACQUIRE_TIMEOUT,
                Optional.empty(),
                DEFAULT_GRACE,
                Map.of());
    }

    private static String lastPart(String url) {
        String part = url.substring(Math.max(url.lastIndexOf('/'), url.lastIndexOf(':')) + 1);
        return part.isEmpty() ? "database" : part;
    }

    /**
     * These options with a user.
     *
     * @param user who connects
     * @param password the user's password
     * @return the options
     */
    public DatabaseOptions withUser(String user, String password) {
        return new DatabaseOptions(
                url,
                Optional.of(Objects.requireNonNull(user, "user")),
                Optional.of(Objects.requireNonNull(password, "password")),
                name,
                poolSize,
                acquireTimeout,
                statementTimeout,
                grace,
                properties);
    }

    /**
     * These options with another name for the pool.
     *
     * @param name what listings and errors call it
     * @return the options
     */
    public DatabaseOptions withName(String name) {
        return new DatabaseOptions(
                url, user, password, name, poolSize, acquireTimeout, statementTimeout, grace, properties);
    }

    /**
     * These options with another number of connections.
     *
     * @param poolSize how many there are at most
     * @return the options
     */
    public DatabaseOptions withPoolSize(int poolSize) {
        return new DatabaseOptions(
                url, user, password, name, poolSize, acquireTimeout, statementTimeout, grace, properties);
    }

    /**
     * These options with another patience for a connection.
     *
     * @param acquireTimeout how long a call waits for its turn, and then for a connection
     * @return the options
     */
    public DatabaseOptions withAcquireTimeout(Duration acquireTimeout) {
        return new DatabaseOptions(
                url, user, password, name, poolSize, acquireTimeout, statementTimeout, grace, properties);
    }

    /**
     * These options with a limit for statements: one that takes longer is stopped, and {@link
     * dev.yibu.TimeoutException} is thrown.
     *
     * @param statementTimeout how long each may take, counted from when it has a connection
     * @return the options
     */
    public DatabaseOptions withStatementTimeout(Duration statementTimeout) {
        return new DatabaseOptions(
                url,
                user,
                password,
                name,
                poolSize,
                acquireTimeout,
                Optional.of(Objects.requireNonNull(statementTimeout, "statementTimeout")),
                grace,
                properties);
    }

    /**
     * These options with another grace.
     *
     * @param grace how long a server may take to stop a cancelled statement
     * @return the options
     */
    public DatabaseOptions withGrace(Duration grace) {
        return new DatabaseOptions(
                url, user, password, name, poolSize, acquireTimeout, statementTimeout, grace, properties);
    }

    /**
     * These options with one more property for the driver, such as {@code sslmode}.
     *
     * @param key the property's name
     * @param value its value
     * @return the options
     */
    public DatabaseOptions withProperty(String key, String value) {
        Map<String, String> more = new LinkedHashMap<>(properties);
        more.put(Objects.requireNonNull(key, "key"), Objects.requireNonNull(value, "value"));
        return new DatabaseOptions(url, user, password, name, poolSize, acquireTimeout, statementTimeout, grace, more);
    }

    /** The URL without user info and query, and of one whose parts are not plain only the beginning. */
    static String withoutSecrets(String url) {
        if (url.indexOf('@') < 0) {
            return url.replaceFirst("[?;#].*", "");
        }
        Matcher plain = PLAIN.matcher(url);
        return plain.matches() ? plain.group(1) + plain.group(2) : url.replaceFirst("^(jdbc:\\w+:)?.*", "$1***");
    }

    @Override
    public String toString() {
        return "DatabaseOptions[" + withoutSecrets(url) + ", pool " + name + " of " + poolSize + ", acquireTimeout "
                + acquireTimeout + ", grace " + grace
                + statementTimeout.map(t -> ", statementTimeout " + t).orElse("") + "]";
    }
}
