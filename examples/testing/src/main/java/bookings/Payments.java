package bookings;

import java.io.IOException;

/** Takes money. Slow, and sometimes down. */
public interface Payments {
    /**
     * Charges somebody. May wait.
     *
     * @param customer who pays
     * @throws IOException if no money was taken
     */
    void charge(String customer) throws IOException;
}
