// Queue: work for a few workers
// put waits while the queue is full, join until all that was put has been done. After shutdown, whoever asks an empty
// queue for more is told that there is no more.

import static dev.yibu.Async.*;

import dev.yibu.TaskGroup;
import dev.yibu.sync.Queue;
import dev.yibu.sync.QueueShutdownException;

// @start region=tour
final Queue<String> orders = Queue.fifo(2); // put waits while two are waiting for a cook
final AtomicInteger served = new AtomicInteger();

void takeOrders(String room) { // a producer
    for (int table = 1; table <= 4; table++) {
        sleep(Duration.ofMillis(20));
        orders.put(room + ", table " + table);
    }
}

void cook() { // a consumer
    try {
        while (true) {
            String order = orders.get();
            sleep(Duration.ofMillis(10L * order.length()));
            served.incrementAndGet();
            orders.taskDone();
        }
    } catch (QueueShutdownException e) {
        IO.println("a cook goes home");
    }
}

void main() {
    run(() -> TaskGroup.run(kitchen -> {
        for (int i = 0; i < 3; i++) {
            kitchen.start(this::cook);
        }
        gather(() -> takeOrders("hall"), () -> takeOrders("yard"));
        orders.join();
        IO.println("served: " + served);
        orders.shutdown();
    }));
}
// @end

void oneAfterTheOther() {
    for (String room : List.of("hall", "yard")) {
        for (int table = 1; table <= 4; table++) {
            sleep(Duration.ofMillis(20));
            sleep(Duration.ofMillis(10L * (room + ", table " + table).length()));
        }
    }
}

// Output:
// served: 8
// a cook goes home
// a cook goes home
// a cook goes home
