package dev.yibu.benchmarks;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.yibu.benchmarks.Message.Failure;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a run of {@link Bench} has shown. As JSON it is what the results folder keeps; its README tells of the fields.
 *
 * @param schema changes when a field changes its meaning or goes
 * @param commit what was measured; absent if there is no git to ask
 * @param whole whether all experiments were to run, and none was left out
 * @param started date and time
 * @param jvmOptions of the JVM of each suite
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record Report(
        int schema,
        @Nullable String commit,
        String command,
        boolean quick,
        boolean whole,
        String started,
        long seconds,
        @Nullable Machine machine,
        List<String> jvmOptions,
        List<Result> results,
        List<Failure> failures) {
    static final int SCHEMA = 1;

    String json() throws JsonProcessingException {
        return new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(this) + "\n";
    }
}
