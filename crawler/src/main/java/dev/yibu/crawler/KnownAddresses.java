package dev.yibu.crawler;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Some of the addresses that a store knows, so that it is not asked again for the links that every page has. */
final class KnownAddresses {
    private static final int SIZE = 1 << 14;

    private final @Nullable String[] addresses = new String[SIZE];

    /** Whether an address is known for sure. */
    boolean contains(String address) {
        return address.equals(addresses[place(address)]);
    }

    /** Remembers it, until another comes that belongs in the same place. */
    void add(String address) {
        addresses[place(address)] = address;
    }

    private static int place(String address) {
        int hash = address.hashCode();
        return (hash ^ hash >>> 16) & SIZE - 1;
    }

    void clear() {
        Arrays.fill(addresses, null);
    }
}
