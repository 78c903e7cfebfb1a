// The key words
// async def and await need no counterpart; run, gather and createTask are methods.

import static dev.yibu.Async.*;

import dev.yibu.Task;

// @start region=tour
int square(int n) { // async def: any method
    sleep(Duration.ofMillis(100)); // await: a call
    return n * n;
}

void main() {
    run(() -> { // asyncio.run
        Task<Integer> early = createTask(() -> square(2)); // asyncio.create_task
        List<Integer> both = gather(() -> square(3), () -> square(4)); // asyncio.gather
        IO.println(both);
        IO.println(early.await()); // await task
    });
}
// @end

void oneAfterTheOther() {
    int early = square(2);
    IO.println(List.of(square(3), square(4)));
    IO.println(early);
}

// Output:
// [9, 16]
// 4
