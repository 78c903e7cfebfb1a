package bookings;

import static dev.yibu.Async.timeout;

import dev.yibu.TimeoutException;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Sells each seat once: it is reserved first, then paid, and free again if that fails, takes too long, or is cancelled. */
public final class BoxOffice {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Payments payments;
    private final Map<String, String> owners = new ConcurrentHashMap<>();

    /**
     * A box office with all seats free.
     *
     * @param payments takes the money
     */
    public BoxOffice(Payments payments) {
        this.payments = payments;
    }

    /**
     * Sells a seat. Waits for the payment, 20 s at most.
     *
     * @param seat which one
     * @param customer who wants it
     * @return whether the customer has it now; if not, it is somebody else's
     * @throws IOException if the payment failed
     * @throws TimeoutException if the payment took too long
     */
    public boolean sell(String seat, String customer) throws IOException {
        if (owners.putIfAbsent(seat, customer) != null) {
            return false;
        }
        boolean paid = false;
        try {
            timeout(PATIENCE, () -> payments.charge(customer));
            paid = true;
        } finally {
            if (!paid) {
                owners.remove(seat);
            }
        }
        return true;
    }

    /**
     * Whose a seat is.
     *
     * @param seat which one
     * @return the customer who has it, or is about to pay for it
     */
    public Optional<String> owner(String seat) {
        return Optional.ofNullable(owners.get(seat));
    }
}
