package dev.yibu.http;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** The client itself refused to go on, by one of its own rules. */
public final class HttpRefusedException extends HttpException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** Which rule. */
    public enum Rule {
        /** The body is longer than allowed: {@link HttpLimits#maxInMemory()}, {@link HttpRequest#maxBody}. */
        BODY_TOO_LARGE,
        /** The body grows too much when it is decompressed: {@link HttpLimits#maxRatio()}. */
        COMPRESSION_BOMB,
        /** More redirects than {@link RedirectPolicy#max()}. */
        TOO_MANY_REDIRECTS,
        /** A redirect from https to http. */
        INSECURE_REDIRECT,
        /** A redirect to something that is no web address. */
        BAD_REDIRECT,
        /** A redirect that would send a body again that can be read only once. */
        BODY_NOT_REPEATABLE,
        /** The host has an address that the {@link AddressGuard} keeps from being connected to. */
        FORBIDDEN_ADDRESS
    }

    /** Which rule. */
    private final Rule rule;

    HttpRefusedException(Target target, Rule rule, String what, @Nullable Throwable cause) {
        super(target, what, cause);
        this.rule = rule;
    }

    /**
     * Which rule it was.
     *
     * @return the rule
     */
    public Rule rule() {
        return rule;
    }
}
