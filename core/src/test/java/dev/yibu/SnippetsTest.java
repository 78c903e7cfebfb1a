package dev.yibu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.sync.Channel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs what the Javadoc and the READMEs show. */
@Timeout(60)
class SnippetsTest {
    private static final String A = "https://a.example";
    private static final String B = "https://b.example";
    private static final String LOST = "https://lost.example";

    private final Snippets snippets = new Snippets(Map.of(A, "page a", B, "b, with a treasure"));

    @Test
    void the_snippet_of_async_gathers_two_pages_and_then_saves_all() throws IOException {
        assertThat(snippets.async(List.of(A, B, A))).containsExactly("page a", "b, with a treasure");
        assertThat(snippets.saved).containsExactlyInAnyOrder("page a", "page a", "b, with a treasure");
    }

    @Test
    void the_snippet_of_a_task_awaits_one_and_cancels_the_other() throws IOException {
        snippets.task();
        assertThat(snippets.saved).contains("page a");
        assertThat(Async.allTasks()).noneMatch(task -> task.name().equals("dots"));
    }

    @Test
    void the_snippet_of_a_task_group_joins_all_three() throws IOException {
        assertThat(snippets.taskGroup()).isEqualTo("page ab, with a treasure");
        assertThat(snippets.saved).containsExactly("a visit");
    }

    @Test
    void the_snippet_of_completions_takes_all_and_then_leaves_early() throws IOException {
        Async.run(() -> snippets.asTheyComplete(List.of(A, B)));
        assertThat(snippets.saved).containsExactlyInAnyOrder("page a", "b, with a treasure", "found");
    }

    @Test
    void the_snippet_of_a_generator_stops_the_producer_at_the_break() {
        Async.run(snippets::numbers);
        assertThat(snippets.saved).containsExactly("number 1", "number 2", "number 3", "no more numbers");
    }

    @Test
    void the_snippet_of_gatherers_maps_and_stops_early() throws IOException {
        assertThat(snippets.gatherers(List.of(A, B, A, A, A))).containsExactly("p", "b");
    }

    @Test
    void the_snippet_of_outcomes_tells_how_each_ended() {
        assertThat(snippets.outcome(List.of(A, LOST))).containsExactly("6 characters", "failed: not found: " + LOST);
    }

    @Test
    void the_snippet_of_a_deadline_moves_it_with_each_page() throws IOException {
        snippets.movedDeadline(List.of(A, B));
        assertThat(snippets.saved).containsExactly("page a", "b, with a treasure");
    }

    @Test
    void the_snippet_of_retry_gives_up_after_five_attempts() {
        Retry.FailedAttempt[] last = new Retry.FailedAttempt[1];
        assertThatThrownBy(() -> snippets.retried(last)).isInstanceOf(IOException.class);
        assertThat(last[0].number()).isEqualTo(5);
    }

    @Test
    void the_snippet_of_a_queue_saves_all_pages() throws IOException {
        snippets.queue(List.of(A, B));
        assertThat(snippets.saved).containsExactlyInAnyOrder("page a", "b, with a treasure");
    }

    @Test
    void the_snippet_of_a_channel_saves_all_pages_in_order() throws IOException {
        snippets.channel(List.of(A, B));
        assertThat(snippets.saved).containsExactly("page a", "b, with a treasure");
    }

    @Test
    void the_snippet_of_a_select_takes_the_page_that_is_there() throws IOException {
        Channel<String> pages = Channel.buffered(1);
        pages.send(" page ");
        Async.<IOException>run(() -> {
            Task<String> never = Async.<String, RuntimeException>createTask(() -> {
                Async.sleep(Duration.ofHours(1));
                return "";
            });
            assertThat(snippets.select(pages, Channel.rendezvous(), never)).isEqualTo("page");
            never.cancel();
        });
    }

    @Test
    void the_snippet_of_a_context_variable_reaches_both_children() {
        assertThat(snippets.contextVar()).containsExactly("r17 reads", "r17 writes");
    }

    @Test
    void the_snippet_of_a_resource_stack_releases_the_last_one_first() throws IOException {
        assertThat(snippets.resourceStack(List.of("x", "y"))).isEqualTo("page a");
        assertThat(snippets.saved).containsExactly("connect x", "connect y", "quit y", "quit x");
    }

    @Test
    void the_snippet_of_a_portal_takes_work_from_a_thread_outside() throws Exception {
        CompletableFuture<Snippets.Button.Listener> listener = new CompletableFuture<>();
        CountDownLatch windowClosed = new CountDownLatch(1);
        try (ExecutorService gui = Executors.newSingleThreadExecutor()) {
            Future<String> saved = gui.submit(() -> {
                try {
                    listener.get(10, TimeUnit.SECONDS).clicked();
                    return snippets.saved.poll(10, TimeUnit.SECONDS);
                } finally {
                    windowClosed.countDown();
                }
            });
            snippets.portal(listener::complete, windowClosed);
            assertThat(saved.get()).isEqualTo("page a");
        }
    }

    @Test
    void the_snippets_of_limits_fetch_all_pages_in_their_order() throws IOException {
        assertThat(snippets.semaphore(List.of(A, B, A))).containsExactly("page a", "b, with a treasure", "page a");
        assertThat(snippets.capacityLimiter(List.of(A, B))).containsExactly("page a", "b, with a treasure");
        assertThat(snippets.rateLimiter(List.of(A, B))).containsExactly("page a", "b, with a treasure");
        assertThat(snippets.saved).containsExactly("8 at a time");
    }

    @Test
    void the_snippet_of_a_mutex_saves_an_entry() throws IOException {
        snippets.transfer(A, "b");
        assertThat(snippets.saved).containsExactly("page a -> b");
    }

    @Test
    void the_snippet_of_a_condition_takes_what_was_put() {
        List<Object> results = Async.run(() -> Async.gather(snippets::take, () -> {
            snippets.put("apple");
            return "put";
        }));
        assertThat(results).containsExactly("apple", "put");
    }

    @Test
    void the_snippet_of_an_event_says_hello_when_it_is_connected() throws IOException {
        snippets.event();
        assertThat(snippets.saved).containsExactly("page a", "hello");
    }

    @Test
    void the_snippet_of_a_barrier_begins_the_second_round_when_the_first_is_over() {
        snippets.barrier();
        List<String> saved = List.copyOf(snippets.saved);
        assertThat(saved.subList(0, 2)).containsExactlyInAnyOrder("ping 1", "pong 1");
        assertThat(saved.subList(2, 4)).containsExactlyInAnyOrder("ping 2", "pong 2");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void the_snippet_of_a_foreign_call_ends_the_process_when_it_is_cancelled() throws Exception {
        Process process = new ProcessBuilder("sleep", "600").start();
        try {
            Async.run(() -> {
                Task<Integer> status = Async.createTask(() -> Snippets.exitStatus(process));
                while (Async.allTasks().stream().noneMatch(SnippetsTest::waitsForTheEncoder)) {
                    Async.checkpoint();
                }
                status.cancel();
                assertThat(status.await()).isEqualTo(128 + 15);
            });
        } finally {
            process.destroyForcibly();
        }
    }

    private static boolean waitsForTheEncoder(TaskInfo task) {
        return task.waitingFor().equals(Optional.of("encoder"))
                && task.thread().map(Thread::getState).equals(Optional.of(Thread.State.WAITING));
    }

    @Test
    void what_the_readmes_begin_with_downloads_pages_in_their_order(@TempDir Path folder) throws IOException {
        Path one = Files.writeString(folder.resolve("one"), "first");
        Path two = Files.writeString(folder.resolve("two"), "second");
        assertThat(snippets.downloadAll(
                        List.of(one.toUri().toString(), two.toUri().toString())))
                .containsExactly("first", "second");
    }

    @Test
    void what_the_readmes_begin_with_hangs_up_when_it_is_cancelled() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            silent.setSoTimeout(10_000);
            String url = "http://127.0.0.1:" + silent.getLocalPort();
            Async.run(() -> {
                Task<List<String>> pages = Async.createTask(() -> snippets.downloadAll(List.of(url, url)));
                try (Socket one = silent.accept();
                        Socket two = silent.accept()) {
                    one.setSoTimeout(10_000);
                    two.setSoTimeout(10_000);
                    pages.cancel();
                    one.getInputStream().readAllBytes(); // up to the end
                    two.getInputStream().readAllBytes();
                }
                assertThatThrownBy(pages::await).isInstanceOf(CancellationException.class);
            });
        }
    }

    @Test
    void the_readmes_word_on_cancellation_holds() {
        snippets.cancellation();
        assertThat(snippets.saved).containsExactly("what we have", "moved on");
    }

    @Test
    void the_readmes_word_on_exceptions_holds() {
        snippets.exceptions();
        assertThat(snippets.saved).contains("failed: not found: https://nowhere.example");
    }

    @ParameterizedTest
    @ValueSource(strings = {"README.md", "README.zh-CN.md"})
    void the_java_code_of_a_readme_is_compiled_here(String readme) throws IOException {
        String compiled =
                withoutLayout(Files.readString(repository().resolve("core/src/test/java/dev/yibu/Snippets.java")));
        List<String> shown = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(repository().resolve(readme)))
                .results()
                .map((MatchResult block) -> withoutLayout(block.group(1)))
                .toList();
        assertThat(shown).isNotEmpty().allSatisfy(code -> assertThat(compiled).contains(code));
    }

    private static String withoutLayout(String code) {
        return code.lines()
                .filter(line -> !line.startsWith("import "))
                .map(String::strip)
                .collect(Collectors.joining("\n"))
                .strip();
    }

    private static Path repository() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve("README.zh-CN.md"))) {
            folder = folder.getParent();
        }
        return folder;
    }
}
