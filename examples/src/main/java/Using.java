// using: resources that wait to open and to close
// The release runs whatever happens, and may wait even when the task is being cancelled.

import static dev.yibu.Async.*;

// @start region=tour
record Session(String user) {
    static Session open(String user) {
        sleep(Duration.ofMillis(100));
        IO.println("opened");
        return new Session(user);
    }

    void close() {
        sleep(Duration.ofMillis(100));
        IO.println("closed");
    }
}

void main() {
    boolean finished = run(() -> moveOnAfter(Duration.ofMillis(300), () ->
            usingRun(() -> Session.open("Ada"), Session::close, session -> {
                IO.println("in use by " + session.user());
                sleep(Duration.ofSeconds(1)); // too long: cancelled
            })));
    IO.println("finished: " + finished);
}
// @end

// Not compared: it is cut short

// Output:
// opened
// in use by Ada
// closed
// finished: false
