package dev.yibu.http;

import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Whom a session trusts over TLS, and who it is itself. Immutable; begin with {@link #DEFAULT}.
 *
 * <p>Names are always checked against the server's certificate, except by {@link #insecureForTests()}.
 */
public final class HttpTls {
    /** The authorities that the JDK trusts. */
    public static final HttpTls DEFAULT = new HttpTls(null, null, null, List.of(), false);

    /**
     * A certificate that one of a host's chain has to be.
     *
     * @param host the host, or {@code *.example.com} for those directly below a domain, {@code **.example.com} for all
     * @param sha256 {@code sha256/} and the Base64 of the SHA-256 of the certificate's public key
     */
    record Pin(String host, String sha256) {}

    private final @Nullable KeyStore trusted;
    private final @Nullable KeyStore identity;
    private final char @Nullable [] password;
    private final List<Pin> pins;
    private final boolean insecure;

    private HttpTls(
            @Nullable KeyStore trusted,
            @Nullable KeyStore identity,
            char @Nullable [] password,
            List<Pin> pins,
            boolean insecure) {
        this.trusted = trusted;
        this.identity = identity;
        this.password = password;
        this.pins = List.copyOf(pins);
        this.insecure = insecure;
    }

    /**
     * This with other authorities in place of the JDK's.
     *
     * @param certificates a key store with the certificates to trust
     * @return the options
     */
    public HttpTls trusting(KeyStore certificates) {
        return new HttpTls(Objects.requireNonNull(certificates, "certificates"), identity, password, pins, insecure);
    }

    /**
     * This with a certificate of our own, for servers that ask for one.
     *
     * @param keys a key store with the certificate and its private key
     * @param password of the private key
     * @return the options
     */
    public HttpTls identifiedBy(KeyStore keys, char[] password) {
        return new HttpTls(
                trusted,
                Objects.requireNonNull(keys, "keys"),
                Objects.requireNonNull(password, "password").clone(),
                pins,
                insecure);
    }

    /**
     * This with one more certificate that a host may have. If there are any for a host, its chain must hold one of them.
     *
     * @param host the host, or {@code *.example.com} for those directly below a domain, {@code **.example.com} for all
     * @param sha256 {@code sha256/} and the Base64 of the SHA-256 of the certificate's public key
     * @return the options
     */
    public HttpTls pinned(String host, String sha256) {
        Objects.requireNonNull(host, "host");
        Objects.requireNonNull(sha256, "sha256");
        if (!sha256.matches("sha256/[A-Za-z0-9+/]{43}=")) {
            throw new IllegalArgumentException(
                    "a pin has to look like sha256/ and 44 characters of Base64, and not like \"" + sha256 + '"');
        }
        List<Pin> all = new ArrayList<>(pins);
        all.add(new Pin(host, sha256));
        return new HttpTls(trusted, identity, password, all, insecure);
    }

    /**
     * This without any check of who the server is. Whoever sits on the wire can read and change everything: for tests
     * against a server with a certificate of its own making, and for nothing else.
     *
     * @return the options
     */
    public HttpTls insecureForTests() {
        return new HttpTls(trusted, identity, password, pins, true);
    }

    boolean isInsecure() {
        return insecure;
    }

    List<Pin> pins() {
        return pins;
    }

    TlsSetup setUp() {
        return TlsSetup.of(trusted, identity, password, insecure);
    }

    /** Says which parts are set, not what they are. */
    @Override
    public String toString() {
        return "TLS" + (trusted == null ? "" : ", own authorities") + (identity == null ? "" : ", client certificate")
                + (pins.isEmpty() ? "" : ", pins") + (insecure ? ", INSECURE" : "");
    }
}
