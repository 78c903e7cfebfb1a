package dev.yibu.crawler;

/**
 * How many links of pages were not followed, and why. A link counts once for each page that has it.
 *
 * @param elsewhere they lead to other hosts
 * @param tooDeep they lead deeper than wanted
 * @param excluded the patterns exclude them
 * @param traps they look endless, or there are too many addresses alike
 * @param nofollow their page asks robots not to follow its links
 */
public record Skipped(long elsewhere, long tooDeep, long excluded, long traps, long nofollow) {
    static final Skipped NONE = new Skipped(0, 0, 0, 0, 0);

    Skipped plusTraps(int more) {
        return new Skipped(elsewhere, tooDeep, excluded, traps + more, nofollow);
    }
}
