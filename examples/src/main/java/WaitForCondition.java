// Mutex and Condition: one at a time, and when it is time
// A mutex is kept while its owner waits for something else. A condition is where to wait, without the mutex, until what it
// guards has changed.

import static dev.yibu.Async.*;

import dev.yibu.sync.Condition;
import dev.yibu.sync.Mutex;

// @start region=tour
final Mutex mutex = Mutex.create("account");
final Condition paidIn = mutex.newCondition();
int balance; // guarded by the mutex

void payIn(int amount) {
    try (var _ = mutex.hold()) {
        int before = balance;
        sleep(Duration.ofMillis(20)); // the bank thinks; nobody else gets at the balance
        balance = before + amount;
        paidIn.signalAll();
    }
}

void withdraw(int amount) {
    try (var _ = mutex.hold()) {
        paidIn.awaitUntil(() -> balance >= amount);
        balance -= amount;
        IO.println(amount + " withdrawn, " + balance + " left");
    }
}

void main() {
    run(() -> gather(
            () -> withdraw(70),
            () -> withdraw(20),
            () -> {
                for (int month = 1; month <= 3; month++) {
                    sleep(Duration.ofMillis(100));
                    payIn(30);
                }
            }));
}
// @end

// Not compared: one waits for the other

// Output:
// 20 withdrawn, 10 left
// 70 withdrawn, 0 left
