package dev.yibu.http;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * Decides which IP addresses a session may connect to. For programs that fetch addresses which somebody else has chosen,
 * and must not be led to the machines behind the firewall.
 *
 * <p>It is asked for every address that a host's name resolves to, at the first request and at each redirect, and once more
 * for the very address that a socket is about to be connected to; so it does not matter how the address was written, or
 * whether the name resolves to something else a moment later. If one address of a host is forbidden, the host is.
 */
public final class AddressGuard {
    private final Predicate<InetAddress> allowed;

    private AddressGuard(Predicate<InetAddress> allowed) {
        this.allowed = allowed;
    }

    /**
     * Allows what is reachable from everywhere in the internet. Forbids loopback, private, link-local, shared, unique-local,
     * multicast, documentation, benchmark, reserved and unspecified addresses of IPv4 and IPv6, whether written as such or
     * wrapped into IPv6 by one of the schemes for transition.
     *
     * @return the guard
     */
    public static AddressGuard publicOnly() {
        return new AddressGuard(AddressGuard::isPublic);
    }

    /**
     * Allows what a predicate accepts. IPv4 addresses wrapped into IPv6 as {@code ::ffff:a.b.c.d} come as IPv4.
     *
     * @param allowed tells of an address whether it may be connected to; must not wait
     * @return the guard
     */
    public static AddressGuard allowing(Predicate<InetAddress> allowed) {
        return new AddressGuard(Objects.requireNonNull(allowed, "allowed"));
    }

    /**
     * This guard, and what a predicate accepts besides.
     *
     * @param more tells of an address whether it may be connected to although this guard forbids it; must not wait
     * @return the guard
     */
    public AddressGuard or(Predicate<InetAddress> more) {
        Objects.requireNonNull(more, "more");
        return new AddressGuard(allowed.or(more));
    }

    boolean allows(InetAddress address) {
        return allowed.test(address);
    }

    static boolean isPublic(InetAddress address) {
        return address instanceof Inet4Address
                ? isPublic4(address.getAddress())
                : address instanceof Inet6Address && isPublic6(address.getAddress());
    }

    /** By the registry of special-purpose IPv4 addresses. */
    private static boolean isPublic4(byte[] a) {
        int first = a[0] & 255;
        int second = a[1] & 255;
        int third = a[2] & 255;
        return !(first == 0 // this network
                || first == 10
                || first == 127
                || (first == 100 && (second & 0xC0) == 64) // shared by carriers
                || (first == 169 && second == 254)
                || (first == 172 && (second & 0xF0) == 16)
                || (first == 192 && second == 168)
                || (first == 192 && second == 0 && (third == 0 || third == 2))
                || (first == 192 && second == 88 && third == 99) // relays for 6to4
                || (first == 198 && (second & 0xFE) == 18) // benchmarks
                || (first == 198 && second == 51 && third == 100)
                || (first == 203 && second == 0 && third == 113)
                || first >= 224); // multicast, reserved, broadcast
    }

    /** Global unicast is 2000::/3; what is wrapped in it or beside it counts by the IPv4 address inside. */
    private static boolean isPublic6(byte[] a) {
        if (startsWith(a, 0x00, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0)) { // NAT64
            return isPublic4(Arrays.copyOfRange(a, 12, 16));
        }
        if ((a[0] & 0xE0) != 0x20) {
            return false;
        }
        if (startsWith(a, 0x20, 0x02)) { // 6to4
            return isPublic4(Arrays.copyOfRange(a, 2, 6));
        }
        boolean isForProtocols = startsWith(a, 0x20, 0x01) && (a[2] & 0xFE) == 0; // 2001::/23, with Teredo
        return !isForProtocols
                && !startsWith(a, 0x20, 0x01, 0x0D, 0xB8) // documentation
                && !(startsWith(a, 0x3F, 0xFF) && (a[2] & 0xF0) == 0);
    }

    private static boolean startsWith(byte[] address, int... prefix) {
        for (int i = 0; i < prefix.length; i++) {
            if ((address[i] & 255) != prefix[i]) {
                return false;
            }
        }
        return true;
    }

    /** Whether OkHttp, and then the JDK, take a host for an address as it stands, without asking for a name. */
    static boolean isLiteral(String host) {
        return host.indexOf(':') >= 0 || host.chars().allMatch(c -> c == '.' || (c >= '0' && c <= '9'));
    }

    /** A literal address as the JDK reads it; it asks nobody. */
    static InetAddress literal(String host) throws UnknownHostException {
        return InetAddress.getByName(host);
    }
}
