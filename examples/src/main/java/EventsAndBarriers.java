// Event and Barrier: now, and all together
// Who awaits an event goes on when it is set, and whoever comes later does not wait. At a barrier each waits until all have
// arrived.

import static dev.yibu.Async.*;

import dev.yibu.TaskGroup;
import dev.yibu.sync.Barrier;
import dev.yibu.sync.Event;

// @start region=tour
final Event sunrise = Event.create();
final Barrier bridge = Barrier.of(3);

void walk(String name, int millis) {
    sunrise.await();
    sleep(Duration.ofMillis(millis));
    int arrivedBefore = bridge.await();
    if (arrivedBefore == 0) {
        IO.println(name + " has waited for the others");
    }
}

void main() {
    run(() -> {
        TaskGroup.run(group -> {
            group.start(() -> walk("Ada", 50));
            group.start(() -> walk("Bob", 200));
            group.start(() -> walk("Cid", 300));
            sleep(Duration.ofMillis(100));
            IO.println("the sun rises");
            sunrise.set();
        });
        IO.println("all are over the bridge");
    });
}
// @end

void oneAfterTheOther() {
    sleep(Duration.ofMillis(100));
    sleep(Duration.ofMillis(50));
    sleep(Duration.ofMillis(200));
    sleep(Duration.ofMillis(300));
}

// Output:
// the sun rises
// Ada has waited for the others
// all are over the bridge
