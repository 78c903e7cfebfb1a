// createTask: work in the background
// The task starts at once and goes on until it is done or cancelled; its finally blocks run either way.

import static dev.yibu.Async.*;

import dev.yibu.Task;

// @start region=tour
void keepWarm() {
    try {
        while (true) {
            sleep(Duration.ofMillis(50)); // what it does again and again
        }
    } finally {
        IO.println("oven: off");
    }
}

void main() {
    run(() -> {
        Task<Void> oven = createTask("oven", this::keepWarm);
        sleep(Duration.ofMillis(200)); // main's own work
        IO.println("main: bread is baked, oven done: " + oven.isDone());
        oven.cancel();
    });
    IO.println("main: nothing runs any more");
}
// @end

void oneAfterTheOther() {
    for (int i = 0; i < 4; i++) {
        sleep(Duration.ofMillis(50));
    }
    sleep(Duration.ofMillis(200));
}

// Output:
// main: bread is baked, oven done: false
// oven: off
// main: nothing runs any more
