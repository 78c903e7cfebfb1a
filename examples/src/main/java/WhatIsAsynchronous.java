// What is asynchronous?
// Waiting costs no work: two downloads that wait at the same time take as long as one.

import static dev.yibu.Async.*;

// @start region=tour
String download(String file) {
    sleep(Duration.ofMillis(300)); // stands for a slow server
    return file + " is here";
}

void main() {
    List<String> files = run(() -> gather(() -> download("map"), () -> download("timetable")));
    files.forEach(IO::println);
}
// @end

void oneAfterTheOther() {
    IO.println(download("map"));
    IO.println(download("timetable"));
}

// Output:
// map is here
// timetable is here
