package dev.yibu.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** What {@code yibu --version} prints. */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() throws IOException {
        Properties build = new Properties();
        try (InputStream in = Objects.requireNonNull(Version.class.getResourceAsStream("build.properties"))) {
            build.load(in);
        }
        return new String[] {"yibu " + build.getProperty("version") + " (Java " + Runtime.version() + ")"};
    }
}
