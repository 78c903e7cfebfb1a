// retry: again, a little later
// Attempts, pauses between them, which failures are worth it. A cancellation is never retried, and the pauses end with
// the deadline around them.

import static dev.yibu.Async.*;

import dev.yibu.Retry;

// @start region=tour
int attempts;

String unreliable() throws IOException {
    attempts++;
    sleep(Duration.ofMillis(50));
    if (attempts < 3) {
        throw new IOException("connection reset");
    }
    return "the answer";
}

void main() throws IOException {
    Retry retry = Retry.exponential(5, Duration.ofMillis(50))
            .withJitter(0)
            .retryOn(IOException.class)
            .withListener(failed -> IO.println("attempt " + failed.number() + " failed"));
    IO.println(run(() -> retry(retry, this::unreliable)));
}
// @end

// Not compared: attempts have an order

// Output:
// attempt 1 failed
// attempt 2 failed
// the answer
