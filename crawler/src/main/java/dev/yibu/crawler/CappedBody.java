package dev.yibu.crawler;

import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** Collects a body up to a length. A longer one is empty, and its connection is closed without reading the rest. */
final class CappedBody implements BodySubscriber<Optional<byte[]>> {
    private final int cap;
    private final OptionalLong announced;
    private final CompletableFuture<Optional<byte[]>> body = new CompletableFuture<>();

    // The client calls one method after the other.
    private final List<ByteBuffer> parts = new ArrayList<>();
    private int length;
    private Flow.@Nullable Subscription subscription;

    CappedBody(int cap, OptionalLong announced) {
        this.cap = cap;
        this.announced = announced;
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        this.subscription = subscription;
        if (announced.orElse(0) > cap) {
            giveUp(subscription);
        } else {
            subscription.request(Long.MAX_VALUE);
        }
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        if (body.isDone()) {
            return;
        }
        for (ByteBuffer buffer : buffers) {
            if (buffer.remaining() > cap - length) {
                giveUp(subscription);
                return;
            }
            length += buffer.remaining();
            parts.add(buffer);
        }
    }

    private void giveUp(Flow.@Nullable Subscription subscription) {
        parts.clear();
        body.complete(Optional.empty());
        if (subscription != null) {
            subscription.cancel();
        }
    }

    @Override
    public void onError(Throwable failure) {
        parts.clear();
        body.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
        byte[] bytes = new byte[length];
        int at = 0;
        for (ByteBuffer part : parts) {
            int size = part.remaining();
            part.get(bytes, at, size);
            at += size;
        }
        parts.clear();
        body.complete(Optional.of(bytes));
    }

    @Override
    public CompletionStage<Optional<byte[]>> getBody() {
        return body;
    }
}
