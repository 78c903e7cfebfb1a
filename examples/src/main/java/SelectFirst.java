// select: whatever comes first
// Waits for channels, tasks and times at once and takes exactly one; nothing of the others is lost. An instant as a branch
// is a deadline for the whole loop.

import static dev.yibu.Async.*;
import static dev.yibu.sync.Select.*;

import dev.yibu.TaskGroup;
import dev.yibu.sync.Channel;

// @start region=tour
final Channel<String> mail = Channel.rendezvous();
final Channel<String> calls = Channel.rendezvous();

void world() {
    sleep(Duration.ofMillis(50));
    mail.send("a parcel"); // waits until somebody takes it
    sleep(Duration.ofMillis(50));
    calls.send("Rome");
    sleep(Duration.ofMillis(50));
    mail.send("a letter");
}

void main() {
    run(() -> TaskGroup.run(group -> {
        group.start(this::world);
        Instant closing = clock().instant().plusMillis(500);
        String event;
        do {
            event = select(
                    on(mail.receiving(), item -> "the mail brings " + item),
                    on(calls.receiving(), caller -> caller + " calls"),
                    at(closing, () -> "closing time"));
            IO.println(event);
        } while (!event.equals("closing time"));
    }));
}
// @end

// Not compared: it ends at a time

// Output:
// the mail brings a parcel
// Rome calls
// the mail brings a letter
// closing time
