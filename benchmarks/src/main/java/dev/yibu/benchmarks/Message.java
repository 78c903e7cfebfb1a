package dev.yibu.benchmarks;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.jspecify.annotations.Nullable;

/** What {@link Compare} tells {@link Bench}, as a line of JSON: one of these. */
@JsonInclude(JsonInclude.Include.NON_NULL)
record Message(
        @Nullable Machine machine,
        @Nullable Progress progress,
        @Nullable Result result,
        @Nullable Failure failure) {

    /** A round of an experiment begins. */
    record Progress(String experiment, int round) {}

    /** An experiment has no result. */
    record Failure(String experiment, String reason) {}

    private static final ObjectMapper JSON = new ObjectMapper();

    static Message of(Machine machine) {
        return new Message(machine, null, null, null);
    }

    static Message of(Progress progress) {
        return new Message(null, progress, null, null);
    }

    static Message of(Result result) {
        return new Message(null, null, result, null);
    }

    static Message of(Failure failure) {
        return new Message(null, null, null, failure);
    }

    /** Null if it is something else, or has been broken off. */
    static @Nullable Message parse(String line) {
        try {
            return JSON.readValue(line, Message.class);
        } catch (JsonProcessingException e) {
            return null;
        }
    }

    String line() {
        try {
            return JSON.writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
