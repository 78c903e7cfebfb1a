// generator: a function that yields one item after another
// The producer is a task of its own: it may wait, it runs ahead as far as its buffer, and who leaves the block ends it.

import static dev.yibu.Async.*;

import dev.yibu.stream.AsyncIterable;

// @start region=tour
AsyncIterable<String> pages() {
    return generator(String.class, out -> {
        try {
            for (int page = 1; ; page++) {
                sleep(Duration.ofMillis(100)); // the next page is on its way
                out.emit("page " + page);
            }
        } finally {
            IO.println("the producer has ended");
        }
    });
}

void main() {
    run(() -> {
        try (AsyncIterable<String> pages = pages()) {
            for (String page : pages) {
                sleep(Duration.ofMillis(100)); // what is done with it
                IO.println(page);
                if (page.equals("page 4")) {
                    break;
                }
            }
        }
        IO.println("the loop, too");
    });
}
// @end

void oneAfterTheOther() {
    for (int page = 1; page <= 4; page++) {
        sleep(Duration.ofMillis(100));
        sleep(Duration.ofMillis(100));
        IO.println("page " + page);
    }
}

// Output:
// page 1
// page 2
// page 3
// page 4
// the producer has ended
// the loop, too
