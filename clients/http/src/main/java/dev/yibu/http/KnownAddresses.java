package dev.yibu.http;

import java.util.Objects;
import okhttp3.HttpUrl;
import org.jspecify.annotations.Nullable;

/**
 * What a session made of the texts that it was given last: programs ask for few addresses again and again, and to take one
 * apart costs as much as much else of a request.
 *
 * <p>Each text has one place, and another text with the same place takes it over. What is long is not kept, nor what has a
 * password in it. Any thread may ask; who does not see what another has kept takes the text apart once more.
 */
final class KnownAddresses {
    private static final int PLACES = 64;
    private static final int LONGEST = 256;

    private record Known(String text, HttpUrl url) {}

    private final @Nullable HttpUrl base;
    private final @Nullable Known[] places = new @Nullable Known[PLACES];

    KnownAddresses(@Nullable HttpUrl base) {
        this.base = base;
    }

    /**
     * {@link Addressing#resolve} with the session's base address.
     *
     * @throws IllegalArgumentException if it is no web address
     */
    HttpUrl resolve(String text) {
        int hash = Objects.requireNonNull(text, "url").hashCode();
        int place = (hash ^ (hash >>> 16)) & (PLACES - 1);
        Known known = places[place];
        if (known != null && known.text().equals(text)) {
            return known.url();
        }
        HttpUrl url = Addressing.resolve(base, text);
        boolean isSecret =
                !url.encodedUsername().isEmpty() || !url.encodedPassword().isEmpty();
        if (text.length() <= LONGEST && !isSecret) {
            places[place] = new Known(text, url);
        }
        return url;
    }
}
