// Pitfall 2: blocking calls
// Thread.sleep, sockets and locks hold up their own task only. File reads and native calls hold up a core: give them to
// blocking(...).

import static dev.yibu.Async.*;

// @start region=tour
int nap(int n) throws InterruptedException {
    Thread.sleep(100); // no trap here: ten naps take 100 ms
    return n;
}

void main() throws IOException, InterruptedException {
    IO.println(run(() -> gather(List.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10), this::nap)));

    Path file = Files.writeString(Files.createTempFile("yibu", ".txt"), "read from a file");
    IO.println(run(() -> blocking(() -> Files.readString(file)))); // right: the disk may be slow
    Files.delete(file);
}
// @end

void oneAfterTheOther() throws InterruptedException {
    for (int n = 1; n <= 10; n++) {
        IO.println(nap(n));
    }
}

// Output:
// [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
// read from a file
