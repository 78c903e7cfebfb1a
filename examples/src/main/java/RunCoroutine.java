// Running a coroutine
// run(...) is the way in, once, at the top. Inside it a call waits for its result, and checked exceptions come through
// as they are.

import static dev.yibu.Async.*;

// @start region=tour
String load(String name) throws IOException {
    sleep(Duration.ofMillis(100));
    if (name.isEmpty()) {
        throw new IOException("no name");
    }
    return "profile of " + name;
}

void main() {
    try {
        run(() -> {
            IO.println(load("Ada"));
            IO.println(load(""));
        });
    } catch (IOException e) {
        IO.println("caught: " + e.getMessage());
    }
}
// @end

void oneAfterTheOther() {
    try {
        IO.println(load("Ada"));
        IO.println(load(""));
    } catch (IOException e) {
        IO.println("caught: " + e.getMessage());
    }
}

// Output:
// profile of Ada
// caught: no name
