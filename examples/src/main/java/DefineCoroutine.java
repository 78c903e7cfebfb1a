// Defining a coroutine
// A plain method that may wait; as a lambda or a method reference it is work that has not started yet.

import static dev.yibu.Async.*;

import dev.yibu.Coroutine;

// @start region=tour
String temperature() {
    sleep(Duration.ofMillis(100)); // may wait, like any blocking call
    return "21 degrees";
}

void main() {
    Coroutine<String, RuntimeException> question = this::temperature;
    IO.println("nobody has asked yet");
    IO.println(run(question));
}
// @end

void oneAfterTheOther() {
    IO.println("nobody has asked yet");
    IO.println(temperature());
}

// Output:
// nobody has asked yet
// 21 degrees
