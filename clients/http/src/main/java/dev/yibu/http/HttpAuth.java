package dev.yibu.http;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Objects;

/** What an {@code Authorization} header says. Its {@code toString} keeps the secret. Immutable. */
public final class HttpAuth {
    private final String scheme;
    private final String header;

    private HttpAuth(String scheme, String credentials) {
        this.scheme = scheme;
        this.header = scheme + ' ' + credentials;
    }

    /**
     * User name and password, in UTF-8.
     *
     * @param user the user; has no colon in it
     * @param password the password
     * @return basic authentication
     * @throws IllegalArgumentException if the user name has a colon
     */
    public static HttpAuth basic(String user, String password) {
        Objects.requireNonNull(user, "user");
        Objects.requireNonNull(password, "password");
        if (user.indexOf(':') >= 0) {
            throw new IllegalArgumentException("a user name for basic authentication can't have a colon in it");
        }
        byte[] both = (user + ':' + password).getBytes(StandardCharsets.UTF_8);
        return new HttpAuth("Basic", Base64.getEncoder().encodeToString(both));
    }

    /**
     * A token, as of OAuth 2.
     *
     * @param token the token
     * @return bearer authentication
     * @throws IllegalArgumentException if the token has other characters than visible ASCII
     */
    public static HttpAuth bearer(String token) {
        Objects.requireNonNull(token, "token");
        if (token.isEmpty() || !token.chars().allMatch(c -> c > ' ' && c < 127)) {
            throw new IllegalArgumentException("a bearer token is visible ASCII, without blanks or line breaks");
        }
        return new HttpAuth("Bearer", token);
    }

    String header() {
        return header;
    }

    @Override
    public String toString() {
        return scheme + " ***";
    }
}
