package dev.yibu.crawler;

import java.util.List;

/**
 * Which of the links found are followed, and of the redirects. Start addresses are always visited, and what they redirect
 * to.
 *
 * @param depth how many links may lie between a start address and a page
 * @param include if there are any, at least one of them has to be found in an address
 * @param exclude none of them may be found in an address
 * @param maxAlike how many addresses of one kind are visited, at most: those of a host that differ in nothing but digits
 *     of the path, or those of a path that differ in the query. What is beyond is taken for a trap, such as a calendar
 *     that has a page for every day until the end of time
 */
public record FollowRules(int depth, List<AddressPattern> include, List<AddressPattern> exclude, int maxAlike) {
    /**
     * Copies its arguments.
     *
     * @throws IllegalArgumentException if {@code depth} is negative, or {@code maxAlike} not positive
     */
    public FollowRules {
        include = List.copyOf(include);
        exclude = List.copyOf(exclude);
        if (depth < 0) {
            throw new IllegalArgumentException(
                    "the depth is " + depth + "; it has to be at least 0, which visits the start addresses alone");
        }
        if (maxAlike < 1) {
            throw new IllegalArgumentException(
                    "the number of addresses alike is " + maxAlike + "; it has to be at least 1");
        }
    }

    /**
     * Any depth, all addresses, a thousand alike.
     *
     * @return the rules
     */
    public static FollowRules defaults() {
        return new FollowRules(Integer.MAX_VALUE, List.of(), List.of(), 1_000);
    }

    /**
     * These rules with another depth.
     *
     * @param depth how many links may lie between a start address and a page
     * @return the rules
     */
    public FollowRules withDepth(int depth) {
        return new FollowRules(depth, include, exclude, maxAlike);
    }

    /**
     * These rules with other patterns to include.
     *
     * @param patterns one of them has to be found in an address, if there are any
     * @return the rules
     */
    public FollowRules withInclude(AddressPattern... patterns) {
        return new FollowRules(depth, List.of(patterns), exclude, maxAlike);
    }

    /**
     * These rules with other patterns to exclude.
     *
     * @param patterns none of them may be found in an address
     * @return the rules
     */
    public FollowRules withExclude(AddressPattern... patterns) {
        return new FollowRules(depth, include, List.of(patterns), maxAlike);
    }

    /**
     * These rules with another bound on addresses of one kind.
     *
     * @param maxAlike how many of them are visited
     * @return the rules
     */
    public FollowRules withMaxAlike(int maxAlike) {
        return new FollowRules(depth, include, exclude, maxAlike);
    }

    boolean permits(String address) {
        try {
            for (AddressPattern pattern : exclude) {
                if (pattern.isIn(address)) {
                    return false;
                }
            }
            for (AddressPattern pattern : include) {
                if (pattern.isIn(address)) {
                    return true;
                }
            }
            return include.isEmpty();
        } catch (AddressPattern.TooMuchEffort e) {
            return false;
        }
    }

    @Override
    public String toString() {
        return "depth " + depth + ", include " + include + ", exclude " + exclude;
    }
}
