package dev.yibu.http;

import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** What the JDK makes of {@link HttpTls}. */
record TlsSetup(SSLSocketFactory sockets, X509TrustManager trust) {

    static TlsSetup of(
            @Nullable KeyStore trusted, @Nullable KeyStore identity, char @Nullable [] password, boolean insecure) {
        try {
            X509TrustManager trust = insecure ? new TrustsAnyone() : trustIn(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(identity == null ? null : keysOf(identity, password), new TrustManager[] {trust}, null);
            return new TlsSetup(context.getSocketFactory(), trust);
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("the TLS options can't be used: " + e.getMessage(), e);
        }
    }

    private static X509TrustManager trustIn(@Nullable KeyStore certificates) throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(certificates);
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509TrustManager found) {
                return found;
            }
        }
        throw new GeneralSecurityException("the JDK has no trust manager for X.509 certificates");
    }

    private static KeyManager[] keysOf(KeyStore keys, char @Nullable [] password) throws GeneralSecurityException {
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(keys, password);
        return factory.getKeyManagers();
    }

    /** See {@link HttpTls#insecureForTests()}. */
    @SuppressWarnings("CustomX509TrustManager") // insecure by its user's explicit wish
    private static final class TrustsAnyone implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
