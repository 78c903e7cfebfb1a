package dev.yibu.cli;

import java.util.Locale;

/**
 * A picture over time, with its axes. The axes are text beside the picture, not in it: so it can be as wide as the window and
 * its text stays as large as any other.
 */
final class Plot {
    private static final int WIDTH = 1_000;
    private static final int MOST_TICKS = 6;
    private static final double[] STEPS = {
        0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600, 7_200, 14_400,
        43_200, 86_400
    };

    private final double seconds;
    private final double most;
    private final StringBuilder shapes = new StringBuilder();

    /**
     * A plot.
     *
     * @param seconds how long it is
     * @param most how high
     */
    Plot(double seconds, double most) {
        this.seconds = Math.max(1e-3, seconds);
        this.most = Math.max(1e-3, most);
    }

    /** Fills a part of it, in seconds from the start and in units from the ground. */
    void fill(String kind, double from, double to, double bottom, double top) {
        double x = from / seconds * WIDTH;
        double width = Math.max(1, (to - from) / seconds * WIDTH); // or else it would not be seen
        if (top > bottom) {
            shapes.append(String.format(
                    Locale.ROOT,
                    "<rect class=%s x=%.1f y=%.2f width=%.1f height=%.2f />%n",
                    kind,
                    Math.min(x, WIDTH - width),
                    (1 - top / most) * 100,
                    width,
                    (top - bottom) / most * 100));
        }
    }

    /**
     * The plot in HTML.
     *
     * @param kind a class of it, which says how high it is on the page
     * @param told what a reader hears who doesn't see it
     * @param scale whether there are numbers at its side
     */
    String html(String kind, String told, boolean scale) {
        StringBuilder html =
                new StringBuilder("<div class=\"plot ").append(kind).append("\">\n");
        if (scale) {
            html.append("<div class=y aria-hidden=true>");
            for (int i = 0; i <= 2; i++) {
                html.append(String.format(
                        Locale.ROOT, "<span style=\"bottom:%d%%\">%s</span>", i * 50, number(most * i / 2)));
            }
            html.append("</div>\n");
        }
        html.append("<svg viewBox=\"0 0 ")
                .append(WIDTH)
                .append(" 100\" preserveAspectRatio=none role=img aria-label=\"")
                .append(CrawlHtml.escaped(told))
                .append("\">\n");
        if (scale) {
            html.append("<path class=grid d=\"M0 0H1000M0 50H1000\" />\n");
        }
        html.append(shapes).append("</svg>\n<div class=x aria-hidden=true>");
        double step = step();
        for (double tick = 0; tick <= seconds * 0.92; tick += step) {
            html.append(String.format(
                    Locale.ROOT, "<span style=\"left:%.1f%%\">%s</span>", tick / seconds * 100, time(tick)));
        }
        return html.append("</div></div>\n").toString();
    }

    private double step() {
        for (double step : STEPS) {
            if (seconds / step <= MOST_TICKS) {
                return step;
            }
        }
        return Math.ceil(seconds / MOST_TICKS / 86_400) * 86_400;
    }

    /** The next number that is easy to read. */
    static double roundUp(double number) {
        double power = Math.pow(10, Math.floor(Math.log10(Math.max(1e-3, number))));
        for (double factor : new double[] {1, 2, 4, 6, 8}) {
            if (number <= factor * power) {
                return factor * power;
            }
        }
        return 10 * power;
    }

    private static String number(double number) {
        return number == Math.rint(number)
                ? String.format(Locale.ROOT, "%,.0f", number)
                : String.format(Locale.ROOT, "%.3f", number).replaceFirst("0+$", "");
    }

    /** A time in the unit that suits it. */
    static String time(double seconds) {
        if (seconds < 60) {
            return String.format(Locale.ROOT, "%.2f", seconds).replaceFirst("\\.?0+$", "") + " s";
        }
        if (seconds < 3_600) {
            return number(Math.round(seconds / 6) / 10.0) + " min";
        }
        return seconds < 2 * 86_400
                ? number(Math.round(seconds / 360) / 10.0) + " h"
                : number(Math.round(seconds / 8_640) / 10.0) + " d";
    }
}
