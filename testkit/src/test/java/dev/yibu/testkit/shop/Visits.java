package dev.yibu.testkit.shop;

/** A counter that two tasks must not share; for the examples. */
public final class Visits {
    private int total;

    /** One more. */
    public void count() {
        total++;
    }

    /**
     * How many there were.
     *
     * @return the number
     */
    public int total() {
        return total;
    }
}
