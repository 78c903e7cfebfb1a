// Asynchronous code calls synchronous code
// Most blocking calls are simply called. What holds its thread goes to blocking(...), or to an executor of your own.

import static dev.yibu.Async.*;

// @start region=tour
String oldLibrary(String order) throws InterruptedException { // knows nothing of Yibu
    Thread.sleep(200);
    return order + " is done";
}

void main() throws InterruptedException {
    try (ExecutorService mine = Executors.newSingleThreadExecutor()) {
        List<String> answers = run(() -> gather(
                () -> oldLibrary("a call"),
                () -> blocking(() -> oldLibrary("a call in Yibu's pool")),
                () -> runInExecutor(mine, () -> oldLibrary("a call in an executor"))));
        answers.forEach(IO::println);
    }
}
// @end

void oneAfterTheOther() throws InterruptedException {
    IO.println(oldLibrary("a call"));
    IO.println(oldLibrary("another"));
    IO.println(oldLibrary("a third"));
}

// Output:
// a call is done
// a call in Yibu's pool is done
// a call in an executor is done
