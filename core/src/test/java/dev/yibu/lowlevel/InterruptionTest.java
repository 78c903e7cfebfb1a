package dev.yibu.lowlevel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileLockInterruptionException;
import java.sql.SQLException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The closed list. */
class InterruptionTest {
    static Stream<Throwable> whatAnInterruptMakes() {
        InterruptedException interrupted = new InterruptedException();
        SocketException closed = new SocketException("Closed by interrupt");
        return Stream.of(
                interrupted,
                closed,
                new InterruptedIOException(),
                new InterruptedIOException("timeout"),
                new ClosedByInterruptException(),
                new FileLockInterruptionException(),
                new RuntimeException(interrupted),
                new ExecutionException(interrupted),
                new CompletionException(new ExecutionException(closed)),
                new SQLException("An I/O error occurred while sending to the backend.", closed),
                new UncheckedIOException(new IOException(new ClosedByInterruptException())),
                wrapped(interrupted, 7));
    }

    static Stream<Throwable> whatHasAnotherCause() {
        InterruptedException interrupted = new InterruptedException();
        IOException suppressing = new IOException("disk full");
        suppressing.addSuppressed(interrupted);
        return Stream.of(
                suppressing,
                new SocketTimeoutException("Read timed out"),
                new RuntimeException(new SocketTimeoutException("Read timed out")),
                new SocketException("Connection reset"),
                new SocketException("Socket closed"),
                new SocketException(),
                new ConnectException("Closed by peer"),
                new AsynchronousCloseException(),
                new ClosedChannelException(),
                new CancellationException(),
                new IOException("Closed by interrupt"),
                new IllegalStateException(),
                wrapped(interrupted, 8));
    }

    private static Throwable wrapped(Throwable innermost, int times) {
        Throwable thrown = innermost;
        for (int i = 0; i < times; i++) {
            thrown = new RuntimeException("wrapper " + i, thrown);
        }
        return thrown;
    }

    @ParameterizedTest
    @MethodSource
    void whatAnInterruptMakes(Throwable thrown) {
        assertThat(Interruption.isBehind(thrown)).isTrue();
    }

    @ParameterizedTest
    @MethodSource
    void whatHasAnotherCause(Throwable thrown) {
        assertThat(Interruption.isBehind(thrown)).isFalse();
    }

    @Test
    void a_circle_of_causes_is_searched_once() {
        RuntimeException first = new RuntimeException("first");
        first.initCause(new RuntimeException("second", first));

        assertThat(Interruption.isBehind(first)).isFalse();
    }
}
