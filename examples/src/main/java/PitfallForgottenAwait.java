// Pitfall 1: a forgotten await
// A call waits, so there is no await to forget. What can be forgotten is a task: its failure then shows in the log only.

import static dev.yibu.Async.*;

import dev.yibu.Task;

// @start region=tour
String price(String item) {
    sleep(Duration.ofMillis(100));
    if (item.equals("unicorn")) {
        throw new NoSuchElementException("nobody sells a " + item);
    }
    return item + ": 3 euros";
}

void main() {
    run(() -> {
        IO.println(price("apple")); // right: a value, no promise of one

        var _ = createTask("forgotten", () -> price("unicorn")); // wrong: see the log below
        sleep(Duration.ofMillis(200));

        Task<String> task = createTask(() -> price("unicorn"));
        try {
            IO.println(task.await()); // right: await throws what the task threw
        } catch (NoSuchElementException e) {
            IO.println("caught: " + e.getMessage());
        }
    });
}
// @end

// Not compared: it shows a mistake

// Output:
// apple: 3 euros
// caught: nobody sells a unicorn
