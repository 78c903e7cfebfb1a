package bookings;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Like {@link BoxOffice}, but with a bug: it looks first, then waits for the payment, then writes. */
public final class HastyBoxOffice {
    private final Payments payments;
    private final Map<String, String> owners = new ConcurrentHashMap<>();

    /**
     * A box office with all seats free.
     *
     * @param payments takes the money
     */
    public HastyBoxOffice(Payments payments) {
        this.payments = payments;
    }

    /**
     * Sells a seat, sometimes twice.
     *
     * @param seat which one
     * @param customer who wants it
     * @return whether the customer is told that it is theirs
     * @throws IOException if the payment failed
     */
    public boolean sell(String seat, String customer) throws IOException {
        if (owners.containsKey(seat)) {
            return false;
        }
        payments.charge(customer);
        owners.put(seat, customer);
        return true;
    }

    /**
     * Whose a seat is.
     *
     * @param seat which one
     * @return the last customer who has paid for it
     */
    public Optional<String> owner(String seat) {
        return Optional.ofNullable(owners.get(seat));
    }
}
