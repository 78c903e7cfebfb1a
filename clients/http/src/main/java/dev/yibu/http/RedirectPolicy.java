package dev.yibu.http;

import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What happens when a server answers 301, 302, 303, 307 or 308. From https to http is never followed.
 *
 * <p>303 makes a GET of every method but HEAD; 301 and 302 make a GET of a POST; everything else keeps method and body.
 * Where scheme, host or port change, none of the caller's headers travel but those listed here.
 *
 * @param max how many redirects in a row are followed; 0 to be given the answer itself
 * @param acrossOrigins the names of the headers that may travel to another scheme, host or port, in lower case
 */
public record RedirectPolicy(int max, Set<String> acrossOrigins) {
    /** Up to 10; only headers that say what is wanted travel to another origin. */
    public static final RedirectPolicy DEFAULT = new RedirectPolicy(
            10,
            Set.of("accept", "accept-language", "accept-encoding", "user-agent", "content-type", "content-language"));

    /** None is followed: the caller sees the answer with its status and {@code Location}. */
    public static final RedirectPolicy NEVER = new RedirectPolicy(0, Set.of());

    private static final int MOST = 10;

    /**
     * Checks its arguments.
     *
     * @throws IllegalArgumentException if there are less than 0 or more than 10 redirects
     */
    public RedirectPolicy {
        if (max < 0 || max > MOST) {
            throw new IllegalArgumentException("the number of redirects is " + max + "; it must be from 0 to " + MOST);
        }
        acrossOrigins = Objects.requireNonNull(acrossOrigins, "acrossOrigins").stream()
                .map(name -> name.toLowerCase(Locale.ROOT))
                .collect(Collectors.toUnmodifiableSet());
    }

    /**
     * This policy with another number.
     *
     * @param max how many redirects in a row are followed, from 0 to 10
     * @return the policy
     */
    public RedirectPolicy withMax(int max) {
        return new RedirectPolicy(max, acrossOrigins);
    }

    /**
     * This policy with other headers that may travel to another origin.
     *
     * @param names their names
     * @return the policy
     */
    public RedirectPolicy withAcrossOrigins(Set<String> names) {
        return new RedirectPolicy(max, Objects.requireNonNull(names, "names"));
    }
}
