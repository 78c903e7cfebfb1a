// timeout: a limit for a wait
// When the time is over the block is cancelled, and it has ended when timeout(...) throws. No thread is started for it.

import static dev.yibu.Async.*;

import dev.yibu.TimeoutException;

// @start region=tour
String slowAnswer() {
    sleep(Duration.ofMillis(600));
    return "42";
}

void main() {
    run(() -> {
        Duration patience = Duration.ofMillis(200);
        try {
            IO.println(timeout(patience, this::slowAnswer));
        } catch (TimeoutException e) {
            IO.println("no answer within " + e.timeout().toMillis() + " ms");
        }
        IO.println(moveOnAfter(patience, this::slowAnswer, "a guess"));
    });
}
// @end

// Not compared: it gives up early

// Output:
// no answer within 200 ms
// a guess
