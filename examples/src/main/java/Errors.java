// Errors
// An exception arrives where you wait, with its own type; gatherOutcomes collects failures instead of throwing.

import static dev.yibu.Async.*;

import dev.yibu.Outcome;

// @start region=tour
String read(String name) throws IOException {
    sleep(Duration.ofMillis(100));
    if (name.startsWith("lost")) {
        throw new IOException(name + " is lost");
    }
    return name;
}

void main() {
    run(() -> {
        try {
            gather(() -> read("letter"), () -> read("lost parcel")); // cancels the other one
        } catch (IOException e) {
            IO.println("caught: " + e.getMessage());
        }

        for (Outcome<String> outcome : gatherOutcomes(List.of("card", "lost key", "book"), this::read)) {
            switch (outcome) {
                case Outcome.Success(String value) -> IO.println("read: " + value);
                case Outcome.Failure(Throwable e) -> IO.println("failed: " + e.getMessage());
                case Outcome.Cancellation(var reason) -> IO.println("cancelled: " + reason);
            }
        }
    });
}
// @end

void oneAfterTheOther() {
    for (String name : List.of("letter", "lost parcel", "card", "lost key", "book")) {
        try {
            IO.println("read: " + read(name));
        } catch (IOException e) {
            IO.println("failed: " + e.getMessage());
        }
    }
}

// Output:
// caught: lost parcel is lost
// read: card
// failed: lost key is lost
// read: book
