package dev.yibu.http;

import dev.yibu.lowlevel.CancelScope;
import dev.yibu.lowlevel.Strand;
import org.jspecify.annotations.Nullable;

/** Closes an open answer, at the latest, when the scope ends in which it was opened. */
final class OpenScope extends CancelScope {
    private final HttpResponse response;
    private final CancelScope enclosing;

    OpenScope(Strand strand, HttpResponse response) {
        super(strand);
        this.response = response;
        this.enclosing = strand.scope();
    }

    /** The answer has been closed. On another thread than the owner's, the enclosing scope forgets it later. */
    @SuppressWarnings("ReferenceEquality")
    void closed() {
        if (Strand.current() == strand()) {
            enclosing.release(this);
        }
    }

    @Override
    protected boolean hasEnded() {
        return response.hasEnded();
    }

    @Override
    protected @Nullable Throwable endAbandoned(@Nullable Throwable thrown) {
        response.abandoned();
        return thrown;
    }
}
