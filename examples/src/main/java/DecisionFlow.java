// Which tool for which work?
// Ask what the work waits for.

import static dev.yibu.Async.*;

// @start region=tour
enum Work { ONE_THING, NETWORK_OR_DATABASE, FILES_OR_NATIVE_CODE, CALCULATION }

String advice(Work work) {
    return switch (work) {
        case ONE_THING -> "call it";
        case NETWORK_OR_DATABASE -> "gather, mapConcurrent, TaskGroup: a task for each wait";
        case FILES_OR_NATIVE_CODE -> "the same, with blocking(...) around the call";
        case CALCULATION -> "runInExecutor, with a platform thread for each core";
    };
}

void main() {
    for (Work work : Work.values()) {
        IO.println(work.name().toLowerCase(Locale.ROOT).replace('_', ' ') + "? " + advice(work));
    }
}
// @end

// Not compared: it waits for nothing

// Output:
// one thing? call it
// network or database? gather, mapConcurrent, TaskGroup: a task for each wait
// files or native code? the same, with blocking(...) around the call
// calculation? runInExecutor, with a platform thread for each core
