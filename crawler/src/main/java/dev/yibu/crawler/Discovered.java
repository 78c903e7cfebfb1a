package dev.yibu.crawler;

import dev.yibu.crawler.Target.Kind;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * An address that was found and may be visited.
 *
 * @param shape what addresses alike have in common, or null if there are none; see {@link Shape#of}
 */
record Discovered(URI url, int depth, Kind kind, @Nullable String shape) {}
