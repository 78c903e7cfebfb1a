package dev.yibu.tests;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Runs test classes one after the other in a JVM of its own, and stops the JVM at the first failure. A test that lasts much
 * longer than any does in a sound program counts as a hang, which is a failure. Arguments: the file for the report, the
 * seconds after which a test hangs, the classes.
 */
final class UntilFailure implements TestExecutionListener {

    /** A test that runs. */
    private record Running(String name, long since) {}

    private final Path report;
    private final long patienceNanos;
    private final AtomicReference<Running> running = new AtomicReference<>();
    private long tests;

    private UntilFailure(Path report, long patienceNanos) {
        this.report = report;
        this.patienceNanos = patienceNanos;
    }

    public static void main(String[] args) {
        UntilFailure listener = new UntilFailure(Path.of(args[0]), Long.parseLong(args[1]) * 1_000_000_000);
        Thread.ofPlatform().daemon().start(listener::watch);
        Launcher launcher = LauncherFactory.create();
        for (String type : List.of(args).subList(2, args.length)) {
            long start = System.nanoTime();
            launcher.execute(
                    LauncherDiscoveryRequestBuilder.request()
                            .selectors(DiscoverySelectors.selectClass(type))
                            .build(),
                    listener);
            listener.tell("class " + (System.nanoTime() - start) / 1_000_000 + " " + type);
        }
        listener.tell("green " + listener.tests);
        Runtime.getRuntime().halt(0); // whatever a test has left running
    }

    @Override
    public void executionStarted(TestIdentifier test) {
        if (test.isTest()) {
            tests++;
            running.set(new Running(nameOf(test), System.nanoTime()));
        }
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        if (test.isTest()) {
            running.set(null);
        }
        if (result.getStatus() == TestExecutionResult.Status.FAILED) {
            result.getThrowable().ifPresent(thrown -> thrown.printStackTrace());
            boolean isEngine = test.getParentIdObject().isEmpty();
            end((isEngine ? "broken " : "failed ") + nameOf(test));
        }
    }

    private static String nameOf(TestIdentifier test) {
        String id = test.getUniqueId();
        String type = id.replaceAll(".*\\[class:(?:[^\\]]*\\.)?([^\\]]*)\\].*", "$1");
        return type + ": " + test.getLegacyReportingName().replaceFirst("\\(\\)$", "");
    }

    private void watch() {
        for (; ; ) {
            Running test = running.get();
            if (test != null && System.nanoTime() - test.since() > patienceNanos) {
                dumpThreads();
                end("hung " + test.name());
            }
            try {
                Thread.sleep(200);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** Writes what all threads do, virtual ones too, to a file beside the report. */
    private void dumpThreads() {
        try {
            ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                    .dumpThreads(report.toAbsolutePath() + ".threads", ThreadDumpFormat.TEXT_PLAIN);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private synchronized void end(String verdict) {
        tell(verdict);
        Runtime.getRuntime().halt(1);
    }

    private synchronized void tell(String line) {
        try {
            Files.writeString(report, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
