package dev.yibu;

import static dev.yibu.Async.*;
import static dev.yibu.sync.Select.after;
import static dev.yibu.sync.Select.on;

import dev.yibu.lowlevel.ForeignCall;
import dev.yibu.stream.AsyncGatherers;
import dev.yibu.stream.AsyncIterable;
import dev.yibu.sync.Barrier;
import dev.yibu.sync.CapacityLimiter;
import dev.yibu.sync.Channel;
import dev.yibu.sync.Condition;
import dev.yibu.sync.Event;
import dev.yibu.sync.Mutex;
import dev.yibu.sync.Queue;
import dev.yibu.sync.RateLimiter;
import dev.yibu.sync.Select;
import dev.yibu.sync.Semaphore;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;

/** The code that the Javadoc and the READMEs show. {@code SnippetsTest} runs it, and compares the READMEs with it. */
final class Snippets {
    private final Map<String, String> web;
    final BlockingQueue<String> saved = new LinkedBlockingQueue<>();

    /** Snippets that find these pages, and no others, by their addresses. */
    Snippets(Map<String, String> web) {
        this.web = web;
    }

    String fetch(String url) throws IOException {
        sleep(Duration.ofMillis(1));
        String page = web.get(url);
        if (page == null) {
            throw new IOException("not found: " + url);
        }
        return page;
    }

    void save(String page) {
        checkpoint();
        saved.add(page);
    }

    // ---------------------------------------------------------------- in the Javadoc

    List<String> async(List<String> urls) throws IOException {
        // @start region="async"
        List<String> pages = run(() -> gather(
                () -> fetch("https://a.example"), // both at the same time
                () -> fetch("https://b.example")));

        run(() -> timeout(
                Duration.ofSeconds(10), // for all of them, at most 20 of which run at a time
                () -> forEachConcurrent(urls, 20, url -> save(fetch(url)))));
        // @end
        return pages;
    }

    void task() throws IOException {
        // @start region="task"
        run(() -> {
            Task<String> page = createTask(() -> fetch("https://a.example")); // it is on its way
            Task<?> dots = createTask("dots", () -> {
                for (; ; ) {
                    save(".");
                    sleep(Duration.ofMillis(100));
                }
            });
            save(page.await()); // its value, or the exception that it threw
            dots.cancel("the page is there");
        });
        // @end
    }

    String taskGroup() throws IOException {
        // @start region="task-group"
        String both = TaskGroup.call(group -> {
            Task<String> a = group.start(() -> fetch("https://a.example"));
            Task<String> b = group.start(() -> fetch("https://b.example"));
            group.start(() -> save("a visit")); // nobody awaits it but the group
            return a.await() + b.await();
        }); // here all three have ended
        // @end
        return both;
    }

    void asTheyComplete(List<String> urls) throws IOException {
        // @start region="as-completed"
        for (String page : asCompleted(urls, this::fetch)) {
            save(page); // the first that is ready comes first
        }

        try (Completions<String> pages = asCompleted(urls, this::fetch)) {
            for (String page : pages) {
                if (page.contains("treasure")) {
                    save("found");
                    break; // the end of the block cancels and joins the rest
                }
            }
        }
        // @end
    }

    List<String> outcome(List<String> urls) {
        List<String> lines = new ArrayList<>();
        // @start region="outcome"
        for (Outcome<String> outcome : gatherOutcomes(urls, this::fetch)) {
            String line = switch (outcome) {
                case Outcome.Success<String>(String page) -> page.length() + " characters";
                case Outcome.Failure<String>(Throwable exception) -> "failed: " + exception.getMessage();
                case Outcome.Cancellation<String>(CancelReason reason) -> "cancelled: " + reason;
            };
            lines.add(line);
        }
        // @end
        return lines;
    }

    void numbers() {
        // @start region="generator"
        try (AsyncIterable<Integer> numbers = generator(Integer.class, out -> {
            try {
                for (int n = 1; ; n++) {
                    out.emit(n); // waits when the consumer is too far behind
                }
            } finally {
                saved.add("no more numbers");
            }
        })) {
            for (int n : numbers) {
                save("number " + n);
                if (n == 3) {
                    break; // the end of the block stops the producer, and waits for its finally
                }
            }
        }
        // @end
    }

    List<String> gatherers(List<String> urls) throws IOException {
        // @start region="gatherers"
        List<String> titles = run(() -> urls.stream()
                .gather(AsyncGatherers.throttle(10, Duration.ofSeconds(1)))
                .gather(AsyncGatherers.mapConcurrent(5, this::fetch)) // five at a time; IOException as it is
                .map(page -> page.substring(0, 1))
                .limit(2) // wants no more: the tasks that still fetch are cancelled and joined
                .toList());
        // @end
        return titles;
    }

    void movedDeadline(List<String> urls) throws IOException {
        // @start region="deadline"
        timeout(Duration.ofSeconds(30), () -> {
            for (String url : urls) {
                save(fetch(url));
                deadline().reschedule(Duration.ofSeconds(30)); // it gets on: 30 s for the next page
            }
        });
        // @end
    }

    String retried(Retry.FailedAttempt[] last) throws IOException {
        // @start region="retry"
        Retry patient = Retry.exponential(5, Duration.ofMillis(1)) // 5 attempts; 1, 2, 4, 8 ms, half of it random
                .retryOn(IOException.class)
                .withListener(attempt -> last[0] = attempt);

        return timeout(Duration.ofSeconds(10), () -> retry(patient, () -> fetch("https://flaky.example")));
        // @end
    }

    void queue(List<String> urls) throws IOException {
        // @start region="queue"
        Queue<String> jobs = Queue.fifo("jobs", 10);
        TaskGroup.run(group -> {
            for (int i = 0; i < 3; i++) {
                group.start("worker-" + i, () -> {
                    for (; ; ) {
                        save(fetch(jobs.get()));
                        jobs.taskDone();
                    }
                });
            }
            for (String url : urls) {
                jobs.put(url); // waits while ten are waiting to be fetched
            }
            jobs.join(); // all of them have been saved
            group.cancel("all done");
        });
        // @end
    }

    void channel(List<String> urls) throws IOException {
        // @start region="channel"
        Channel<String> pages = Channel.buffered(10);
        TaskGroup.run(group -> {
            group.start(() -> {
                try (pages) { // closes it, so that the loop below ends
                    for (String url : urls) {
                        pages.send(fetch(url));
                    }
                }
            });
            for (String page : pages) {
                save(page);
            }
        });
        // @end
    }

    String select(Channel<String> pages, Channel<String> log, Task<String> backup) throws IOException {
        // @start region="select"
        String page = Select.select(
                on(pages.receiving(), received -> received.strip()), // received only if this branch is chosen
                on(log.sending("waiting for a page"), () -> fetch("https://a.example")),
                on(backup, value -> value), // the value of a task that has ended; if not chosen, it goes on
                after(Duration.ofSeconds(10), () -> "no page"));
        // @end
        return page;
    }

    // @start region="context-var"
    private static final ContextVar<String> REQUEST = ContextVar.withDefault("request", "none");

    List<String> contextVar() {
        return REQUEST.where(
                "r17", () -> gather(() -> REQUEST.get() + " reads", () -> REQUEST.get() + " writes")); // r17 in both
    }
    // @end

    String resourceStack(List<String> hosts) throws IOException {
        // @start region="resource-stack"
        try (ResourceStack connections = new ResourceStack()) {
            for (String host : hosts) {
                connections.acquire(() -> connect(host), Connection::quit);
            }
            return fetch("https://a.example");
        } // each quit() runs, the last connection's first, and may wait although the task is cancelled
        // @end
    }

    private Connection connect(String host) {
        save("connect " + host);
        return new Connection(host);
    }

    private final class Connection {
        private final String host;

        private Connection(String host) {
            this.host = host;
        }

        private void quit() {
            save("quit " + host);
        }
    }

    void portal(Button button, CountDownLatch windowClosed) throws IOException, InterruptedException {
        // @start region="portal"
        run(() -> {
            Portal portal = Async.portal();
            button.onClick(() -> portal.submit(() -> save(fetch("https://a.example")))); // on the GUI's thread
            windowClosed.await();
        });
        // @end
    }

    List<String> semaphore(List<String> urls) throws IOException {
        // @start region="semaphore"
        Semaphore connections = Semaphore.of(10); // for all who talk to this server
        List<String> pages = gather(urls, url -> {
            try (var _ = connections.hold()) { // waits for a permit, and gives it back
                return fetch(url);
            }
        });
        // @end
        return pages;
    }

    // @start region="mutex"
    private final Mutex ledger = Mutex.create("ledger");

    void transfer(String from, String to) throws IOException {
        try (var _ = ledger.hold()) { // one task at a time, also while it waits inside
            String entry = fetch(from);
            save(entry + " -> " + to);
        }
    }
    // @end

    // @start region="condition"
    private final Mutex mutex = Mutex.create();
    private final Condition filled = mutex.newCondition();
    private final Deque<String> basket = new ArrayDeque<>(); // guarded by the mutex

    void put(String item) {
        try (var _ = mutex.hold()) {
            basket.add(item);
            filled.signal();
        }
    }

    String take() {
        try (var _ = mutex.hold()) {
            filled.awaitUntil(() -> !basket.isEmpty()); // without the mutex while it waits
            return basket.remove();
        }
    }
    // @end

    void event() throws IOException {
        // @start region="event"
        Event connected = Event.create("connected");
        TaskGroup.run(group -> {
            group.start(() -> {
                connected.await();
                save("hello");
            });
            save(fetch("https://a.example"));
            connected.set(); // whoever waits goes on, and nobody waits any more
        });
        // @end
    }

    void barrier() {
        // @start region="barrier"
        Barrier round = Barrier.of(2);
        gather(
                () -> {
                    save("ping 1");
                    round.await(); // until the other has arrived too
                    save("ping 2");
                },
                () -> {
                    save("pong 1");
                    round.await();
                    save("pong 2");
                });
        // @end
    }

    List<String> capacityLimiter(List<String> urls) throws IOException {
        // @start region="capacity-limiter"
        CapacityLimiter uploads = CapacityLimiter.of(2, "uploads");
        List<String> pages = gather(urls, url -> {
            try (var _ = uploads.hold()) {
                uploads.totalTokens(8); // the server is in good shape: more at a time
                return fetch(url);
            }
        });
        save(uploads.statistics().totalTokens() + " at a time");
        // @end
        return pages;
    }

    List<String> rateLimiter(List<String> urls) throws IOException {
        // @start region="rate-limiter"
        RateLimiter limiter = RateLimiter.of(100, Duration.ofSeconds(1), 5); // one each 10 ms, 5 at once after a pause
        List<String> pages = gather(urls, url -> {
            limiter.acquire();
            return fetch(url);
        });
        // @end
        return pages;
    }

    interface Button {
        void onClick(Listener listener);

        interface Listener {
            void clicked() throws IOException;
        }
    }

    // @start region="foreign-call"
    static int exitStatus(Process process) throws InterruptedException {
        return ForeignCall.named("encoder")
                .onCancel(process::destroy, Duration.ofSeconds(5)) // asks it to end
                .thenClose(process::destroyForcibly) // and, 5 s later, does not ask
                .call(() -> process.waitFor());
    }
    // @end

    // ---------------------------------------------------------------- in the READMEs

    String download(String url) throws IOException { // Python's "async def": a method that may wait
        try (InputStream in = URI.create(url).toURL().openStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    List<String> downloadAll(List<String> urls) throws IOException {
        return run(() -> timeout(Duration.ofSeconds(10), () -> gather(urls, this::download)));
    }

    void cancellation() {
        boolean finished = moveOnAfter(Duration.ofMillis(100), () -> {
            try {
                sleep(Duration.ofHours(1)); // each wait is a checkpoint: when the time is over, this throws Cancelled
            } finally {
                shield(Duration.ofSeconds(5), () -> save("what we have")); // clean-up that may wait
            }
        });
        save(finished ? "finished" : "moved on"); // nothing of the block runs any more
    }

    void exceptions() {
        try {
            gather(() -> save(fetch("https://a.example")), () -> save(fetch("https://nowhere.example")));
        } catch (IOException e) { // the very exception of the second task; the first one has ended too
            save("failed: " + e.getMessage());
        }
    }
}
