// asCompleted: first ready, first served
// A plain for loop over the results as they become ready.

import static dev.yibu.Async.*;

// @start region=tour
String ask(String server, int millis) {
    sleep(Duration.ofMillis(millis));
    return "answer of " + server;
}

void main() {
    run(() -> {
        for (String answer : asCompleted(
                () -> ask("Sydney", 450),
                () -> ask("Berlin", 150),
                () -> ask("Boston", 300))) {
            IO.println(answer);
        }
    });
}
// @end

void oneAfterTheOther() {
    IO.println(ask("Sydney", 450));
    IO.println(ask("Berlin", 150));
    IO.println(ask("Boston", 300));
}

// Output:
// answer of Berlin
// answer of Boston
// answer of Sydney
