// Quick reference
// A line for each idea, beside its name in asyncio.

import static dev.yibu.Async.*;

import dev.yibu.Task;

// @start region=tour
String work(String name) { // async def
    sleep(Duration.ofMillis(20L * name.length()));
    return name;
}

void main() {
    run(() -> { // asyncio.run
        IO.println(work("call")); // await
        IO.println(gather(() -> work("a"), () -> work("b"))); // gather
        IO.println(gather(List.of("c", "d"), this::work)); // gather of a list
        IO.println(mapConcurrent(List.of("e", "f", "g"), 2, this::work)); // gather and Semaphore(2)
        IO.println(race(() -> work("the slow one"), () -> work("fast"))); // wait(FIRST_COMPLETED)
        Task<String> task = createTask(() -> work("task")); // create_task
        IO.println(task.await()); // await task
        for (String ready : asCompleted(List.of("very late", "now"), this::work)) { // as_completed
            IO.println(ready);
        }
        IO.println(timeout(Duration.ofSeconds(5), () -> work("in time"))); // wait_for
        IO.println(blocking(() -> work("file"))); // to_thread
        usingRun(() -> work("open"), _ -> IO.println("closed"), IO::println); // async with
    });
}
// @end

void oneAfterTheOther() {
    for (String name : List.of(
            "call", "a", "b", "c", "d", "e", "f", "g", "the slow one", "task", "very late", "now", "in time", "file",
            "open")) {
        IO.println(work(name));
    }
}

// Output:
// call
// [a, b]
// [c, d]
// [e, f, g]
// fast
// task
// now
// very late
// in time
// file
// open
// closed
