package dev.yibu.http;

import dev.yibu.http.HttpException.Target;
import dev.yibu.http.HttpRefusedException.Rule;
import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.security.cert.CertificateException;
import java.util.Objects;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/** What exceptions of sockets and of OkHttp are to the caller. */
final class Failures {
    private static final int DEPTH = 8;

    private Failures() {}

    /**
     * The family's exception for one of OkHttp's.
     *
     * @param connected whether there was a connection
     * @param answered whether the answer's headers had come
     */
    static HttpException of(Target target, IOException thrown, boolean connected, boolean answered) {
        ForbiddenAddress forbidden = find(ForbiddenAddress.class, thrown);
        if (forbidden != null) {
            return new HttpRefusedException(target, Rule.FORBIDDEN_ADDRESS, words(forbidden), thrown);
        }
        if (!connected) {
            return new HttpConnectException(target, whyNoConnection(thrown), thrown);
        }
        if (answered) {
            return new HttpTransferException(target, "the answer broke off: " + words(thrown), thrown);
        }
        return new HttpTransferException(target, "no answer: " + words(thrown), thrown);
    }

    private static String whyNoConnection(IOException thrown) {
        if (thrown instanceof UnknownHostException) {
            return "the host has no address: " + words(thrown);
        }
        if (thrown instanceof SSLPeerUnverifiedException) {
            return "the server's certificate is for somebody else: " + Quoted.of(firstLine(thrown));
        }
        if (thrown instanceof SSLException) {
            CertificateException certificate = find(CertificateException.class, thrown);
            return certificate == null
                    ? "the TLS handshake failed: " + words(thrown)
                    : "the server's certificate is not trusted: " + words(certificate);
        }
        if (thrown instanceof ConnectException || thrown instanceof NoRouteToHostException) {
            Throwable cause = thrown.getCause();
            return "no connection: " + (cause == null ? words(thrown) : words(cause));
        }
        return "no connection: " + words(thrown);
    }

    static String words(Throwable thrown) {
        String message = thrown.getMessage();
        if (thrown instanceof EOFException || (message != null && message.startsWith("unexpected end of stream"))) {
            return "the connection ended too early";
        }
        return message == null ? thrown.getClass().getSimpleName() : Quoted.of(message);
    }

    private static String firstLine(Throwable thrown) {
        String message = Objects.requireNonNullElse(thrown.getMessage(), "");
        return message.lines().findFirst().orElse(message).strip();
    }

    private static <E extends Throwable> @Nullable E find(Class<E> type, Throwable thrown) {
        Throwable cause = thrown;
        for (int depth = 0; cause != null && depth < DEPTH; depth++, cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return type.cast(cause);
            }
        }
        return null;
    }
}
