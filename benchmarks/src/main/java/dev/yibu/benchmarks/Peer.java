package dev.yibu.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A program in another language that does the same work, in a process of its own, and takes its turns when it is told to:
 * for each line on its standard input it does what the line says and answers with a line of JSON, {@link Answer}. It is
 * started at its first turn.
 */
final class Peer implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * What a turn took, as measured by the program itself.
     *
     * @param units of work in this turn
     * @param nanos wall time
     * @param cpuNanos processor time of the process
     * @param peakBytes the most memory of the process so far
     */
    private record Answer(long units, double nanos, double cpuNanos, double peakBytes) {}

    private final List<String> command;
    private @Nullable Process process;
    private @Nullable Writer input;
    private @Nullable BufferedReader output;

    Peer(List<String> command) {
        this.command = command;
    }

    /** Its allocation is not known. */
    Cost turn(String work) throws IOException {
        if (input == null || output == null) {
            process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start(); // ends when its input does, with this JVM
            input = process.outputWriter();
            output = process.inputReader();
        }
        input.write(work + "\n");
        input.flush();
        String line = output.readLine();
        if (line == null) {
            throw new IOException("has ended: " + String.join(" ", command));
        }
        Answer answer = JSON.readValue(line, Answer.class);
        return new Cost(answer.nanos / answer.units, answer.cpuNanos / answer.units, Double.NaN, answer.peakBytes);
    }

    @Override
    public void close() {
        if (process == null || input == null) {
            return;
        }
        try {
            input.close();
            process.waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
