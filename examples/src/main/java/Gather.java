// gather: all at once, wait for all
// The results come in the order of the arguments, whichever is ready first.

import static dev.yibu.Async.*;

// @start region=tour
String cook(String dish, int millis) {
    sleep(Duration.ofMillis(millis));
    return dish + " after " + millis + " ms";
}

void main() {
    List<String> dishes = run(() -> gather(
            () -> cook("noodles", 200),
            () -> cook("tea", 100),
            () -> cook("dumplings", 300)));
    dishes.forEach(IO::println);
}
// @end

void oneAfterTheOther() {
    IO.println(cook("noodles", 200));
    IO.println(cook("tea", 100));
    IO.println(cook("dumplings", 300));
}

// Output:
// noodles after 200 ms
// tea after 100 ms
// dumplings after 300 ms
