package dev.yibu.sql;

import dev.yibu.Retry;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a transaction is to be run. Immutable; start from {@link #defaults()}.
 *
 * {@snippet file="dev/yibu/sql/Snippets.java" region=retry}
 *
 * @param isolation how much it sees of others, or nothing for the server's default
 * @param readOnly whether the server is to refuse changes
 * @param retry whether, how often and after which pauses it is tried again if the server could not put it in line with
 *     others: a serialization failure or a deadlock (SQL states 40001 and 40P01). Other failures are never retried
 */
public record TransactionOptions(Optional<Isolation> isolation, boolean readOnly, Optional<Retry> retry) {
    private static final TransactionOptions DEFAULTS =
            new TransactionOptions(Optional.empty(), false, Optional.empty());

    /** What a transaction sees of what others do meanwhile, as the SQL standard names it. */
    public enum Isolation {
        /** Even what is not committed; PostgreSQL takes it for {@link #READ_COMMITTED}. */
        READ_UNCOMMITTED(java.sql.Connection.TRANSACTION_READ_UNCOMMITTED),
        /** What is committed when a statement begins. */
        READ_COMMITTED(java.sql.Connection.TRANSACTION_READ_COMMITTED),
        /** What was committed when the transaction began. */
        REPEATABLE_READ(java.sql.Connection.TRANSACTION_REPEATABLE_READ),
        /** As if the transactions had run one after the other. */
        SERIALIZABLE(java.sql.Connection.TRANSACTION_SERIALIZABLE);

        private final int level;

        Isolation(int level) {
            this.level = level;
        }

        int level() {
            return level;
        }

        String sql() {
            return name().replace('_', ' ');
        }
    }

    /** Refuses null. */
    public TransactionOptions {
        Objects.requireNonNull(isolation, "isolation");
        Objects.requireNonNull(retry, "retry");
    }

    /**
     * The server's default isolation, with changes, not retried.
     *
     * @return the options
     */
    public static TransactionOptions defaults() {
        return DEFAULTS;
    }

    /**
     * These options with another isolation.
     *
     * @param isolation how much the transaction sees of others
     * @return the options
     */
    public TransactionOptions withIsolation(Isolation isolation) {
        return new TransactionOptions(Optional.of(Objects.requireNonNull(isolation, "isolation")), readOnly, retry);
    }

    /**
     * These options with or without changes.
     *
     * @param readOnly whether the server is to refuse changes
     * @return the options
     */
    public TransactionOptions withReadOnly(boolean readOnly) {
        return new TransactionOptions(isolation, readOnly, retry);
    }

    /**
     * These options with further attempts. The body must be one that can be run again.
     *
     * @param retry how often, and after which pauses; its own choice of exceptions is not used
     * @return the options
     */
    public TransactionOptions withRetry(Retry retry) {
        return new TransactionOptions(isolation, readOnly, Optional.of(Objects.requireNonNull(retry, "retry")));
    }

    TransactionOptions withoutRetry() {
        return new TransactionOptions(isolation, readOnly, Optional.empty());
    }

    /** What retries a whole transaction, if asked to. */
    @Nullable
    Retry retryOnConflict() {
        return retry.map(r -> r.retryOn(SqlErrors::isSerializationFailure)).orElse(null);
    }

    /** Whether the server has to be told anything. */
    boolean areDefaults() {
        return isolation.isEmpty() && !readOnly;
    }
}
