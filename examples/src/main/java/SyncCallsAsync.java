// Synchronous code calls asynchronous code
// Any thread may call run, or gather directly: the method looks like any other to its callers.

import static dev.yibu.Async.*;

// @start region=tour
int stock(String shop) {
    sleep(Duration.ofMillis(150));
    return shop.length();
}

int totalStock(List<String> shops) { // an ordinary method, for ordinary callers
    return gather(shops, this::stock).stream().mapToInt(Integer::intValue).sum();
}

void main() {
    IO.println("in stock: " + totalStock(List.of("Oslo", "Rome", "Lima")));
}
// @end

void oneAfterTheOther() {
    int total = 0;
    for (String shop : List.of("Oslo", "Rome", "Lima")) {
        total += stock(shop);
    }
    IO.println("in stock: " + total);
}

// Output:
// in stock: 12
