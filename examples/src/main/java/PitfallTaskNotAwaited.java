// Pitfall 3: a task that is not awaited
// Tasks end with their run: one that nobody awaits is cancelled there, and a warning names it.

import static dev.yibu.Async.*;

import dev.yibu.Task;

// @start region=tour
void save(String report) {
    sleep(Duration.ofMillis(150));
    IO.println(report + " is saved");
}

void main() {
    run(() -> {
        var _ = createTask("monday", () -> save("monday")); // wrong: run ends first
    });
    run(() -> {
        Task<Void> tuesday = createTask("tuesday", () -> save("tuesday"));
        tuesday.await(); // right
    });
}
// @end

// Not compared: it shows a mistake

// Output:
// tuesday is saved
