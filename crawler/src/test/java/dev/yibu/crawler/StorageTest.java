package dev.yibu.crawler;

import static dev.yibu.Async.gather;
import static dev.yibu.Async.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.crawler.Storage.Plan;
import dev.yibu.crawler.Storage.Standing;
import dev.yibu.crawler.Target.Kind;
import dev.yibu.crawler.Visit.Fate;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What both stores keep to. */
@Timeout(60)
@ParameterizedClass
@EnumSource(StorageTest.Kinds.class)
class StorageTest {
    enum Kinds {
        SQLITE,
        POSTGRESQL
    }

    private static final URI START = URI.create("http://example.com/");
    private static final String SITE = "example.com";

    @Parameter
    private Kinds kind;

    @TempDir
    private Path folder;

    private String postgres;
    private final List<Storage> open = new ArrayList<>();
    private Storage storage;

    @BeforeEach
    void open() throws Exception {
        postgres = kind == Kinds.POSTGRESQL ? TestPostgres.database() : "";
        storage = another();
    }

    private Storage another() {
        Storage another = run(() -> kind == Kinds.POSTGRESQL
                ? PostgresStorage.open(postgres)
                : SqliteStorage.open(folder.resolve("crawl.db")));
        open.add(another);
        return another;
    }

    private Storage reopened() {
        run(() -> storage.close());
        open.remove(storage);
        storage = another();
        return storage;
    }

    @AfterEach
    void close() {
        open.forEach(one -> run(() -> one.close()));
    }

    private static Plan plan(int maxPages, int maxAlike, String extraction) {
        return new Plan(List.of(START), maxPages, maxAlike, extraction, Duration.ofMinutes(1));
    }

    private Standing begin() {
        return begin(1_000);
    }

    private Standing begin(int maxPages) {
        return storage.begin(plan(maxPages, 1_000, ""), List.of(new Discovered(START, 0, Kind.PAGE, null)));
    }

    private static Page page(URI url, URI... links) {
        return new Page(
                url,
                1,
                200,
                "a title with 异步 and \"quotes\"",
                123,
                List.of(links),
                Instant.ofEpochMilli(1_700_000_000_123L),
                Duration.ofMillis(17),
                Optional.empty(),
                "some text",
                Map.of("price", List.of("1 €", "two\nlines \\ \"q\" \u0001")));
    }

    private static URI at(String path) {
        return START.resolve(path);
    }

    private static Visit visit(Target target, Page page, List<Discovered> found, Validators validators) {
        return new Visit(target, Fate.PAGE, page, LinkList.pack(page.links()), validators, found, Skipped.NONE);
    }

    private static Visit visit(Target target, URI... links) {
        List<Discovered> found = List.of(links).stream()
                .map(link -> new Discovered(link, target.depth() + 1, Kind.PAGE, Shape.of(link)))
                .toList();
        return visit(target, page(target.url(), links), found, Validators.NONE);
    }

    private Target one() {
        return storage.take(SITE, 1).getFirst();
    }

    @Test
    void a_page_comes_back_as_it_was_put() {
        run(() -> {
            begin();
            Target start = one();
            Page page = page(START, at("/a"), at("/b?q=1"));
            assertThat(storage.settle(visit(start, page, List.of(), Validators.NONE))
                            .page())
                    .isSameAs(page);

            Page stored = storage.pages(0).pages().getFirst();
            assertThat(stored)
                    .usingRecursiveComparison()
                    .ignoringFields("depth")
                    .isEqualTo(page);
            assertThat(stored.depth()).isZero(); // the address's own
        });
    }

    @Test
    void addresses_are_given_out_in_the_order_in_which_they_were_found_and_once() {
        run(() -> {
            begin();
            Settled settled = storage.settle(visit(one(), at("/c"), at("/a"), at("/b"), at("/c"), START));
            assertThat(settled.added()).isEqualTo(3);

            assertThat(storage.take(SITE, 2)).extracting(Target::url).containsExactly(at("/c"), at("/a"));
            assertThat(storage.take(SITE, 2)).extracting(Target::url).containsExactly(at("/b"));
            assertThat(storage.take(SITE, 2)).isEmpty();
            assertThat(storage.take("other.example", 2)).isEmpty();
        });
    }

    @Test
    void no_more_addresses_are_given_out_than_pages_are_wanted_and_what_is_no_page_makes_room() {
        run(() -> {
            begin(3);
            storage.settle(visit(one(), at("/a"), at("/b"), at("/c"), at("/d")));

            List<Target> taken = storage.take(SITE, 10);
            assertThat(taken).hasSize(2);
            assertThat(storage.take(SITE, 10)).isEmpty();
            storage.settle(Visit.without(taken.getFirst(), Fate.NOT_HTML, List.of()));
            assertThat(storage.take(SITE, 10)).hasSize(1);
            assertThat(storage.tally().waiting()).isEqualTo(1);
            assertThat(storage.tally().of(Fate.NOT_HTML)).isEqualTo(1);
        });
    }

    @Test
    void a_redirect_to_a_page_that_nobody_knew_is_that_page_and_any_other_a_duplicate() {
        run(() -> {
            begin();
            storage.settle(visit(one(), at("/old"), at("/older"), at("/known")));
            List<Target> taken = storage.take(SITE, 3);
            Page there = page(at("/new"));

            assertThat(storage.settle(visit(taken.get(0), there, List.of(), Validators.NONE))
                            .page())
                    .isSameAs(there);
            assertThat(storage.settle(visit(taken.get(1), there, List.of(), Validators.NONE))
                            .page())
                    .isNull();
            Page known = page(START);
            assertThat(storage.settle(visit(taken.get(2), known, List.of(), Validators.NONE))
                            .page())
                    .isNull();
            assertThat(storage.tally().of(Fate.DUPLICATE)).isEqualTo(3);
            assertThat(storage.tally().of(Fate.PAGE)).isEqualTo(2);
        });
    }

    @Test
    void of_addresses_alike_no_more_are_kept_than_allowed_and_known_ones_are_no_traps() {
        run(() -> {
            storage.begin(plan(1_000, 3, ""), List.of(new Discovered(START, 0, Kind.PAGE, null)));
            URI[] days = IntStream.range(0, 10).mapToObj(i -> at("/day/" + i)).toArray(URI[]::new);
            assertThat(storage.settle(visit(one(), days)).added()).isEqualTo(3);
            assertThat(storage.settle(visit(one(), days)).added()).isZero();

            assertThat(storage.tally().skipped().traps()).isEqualTo(7 + 7);
            assertThat(storage.tally().waiting()).isEqualTo(2);
        });
    }

    @Test
    void what_a_crawler_had_taken_is_given_out_again_after_it_and_pages_stay() {
        run(() -> {
            begin();
            storage.settle(visit(one(), at("/a"), at("/b")));
            assertThat(storage.take(SITE, 2)).hasSize(2);
        });
        reopened();
        run(() -> {
            assertThat(begin()).isEqualTo(new Standing(true, 1, 1));
            assertThat(storage.take(SITE, 10)).extracting(Target::url).containsExactly(at("/a"), at("/b"));
        });
    }

    @Test
    void what_a_crawl_had_taken_that_was_cancelled_is_given_out_again_by_the_same_store() {
        run(() -> {
            begin(3);
            storage.settle(visit(one(), at("/a"), at("/b")));
            assertThat(storage.take(SITE, 2)).hasSize(2);

            assertThat(begin(3)).isEqualTo(new Standing(true, 1, 1));
            assertThat(storage.take(SITE, 10)).extracting(Target::url).containsExactly(at("/a"), at("/b"));
            assertThat(storage.take(SITE, 10)).isEmpty();
        });
    }

    @Test
    void a_crawl_that_ended_is_done_again_with_what_is_known_of_its_pages() {
        Validators validators = new Validators("\"v1\"", "Wed, 21 Oct 2015 07:28:00 GMT");
        run(() -> {
            begin();
            Target start = one();
            Page page = page(START, at("/a"));
            List<Discovered> found = List.of(new Discovered(at("/a"), 1, Kind.PAGE, null));
            storage.settle(visit(start, page, found, validators));
            storage.settle(visit(one()));
            storage.end();
        });
        reopened();
        run(() -> {
            assertThat(begin()).isEqualTo(new Standing(false, 0, 2));
            assertThat(storage.pages(0).pages()).isEmpty();
            Target start = one();
            assertThat(start.known()).isEqualTo(validators);
            assertThat(storage.known(start).links()).containsExactly(at("/a"));
            assertThat(storage.take(SITE, 1)).isEmpty(); // not found again yet
            assertThat(storage.settle(visit(start, at("/a"))).added()).isEqualTo(1);
            assertThat(one().known().isEmpty()).isTrue();
            storage.end();

            storage.begin(plan(1_000, 1_000, "another extraction"), List.of(new Discovered(START, 0, Kind.PAGE, null)));
            storage.end();
        });
    }

    @Test
    void what_is_known_of_pages_is_no_help_if_something_else_is_wanted_of_them() {
        run(() -> {
            begin();
            storage.settle(visit(one(), page(START), List.of(), new Validators("\"v1\"", "")));
            storage.end();
            storage.begin(plan(10, 10, "name=css"), List.of(new Discovered(START, 0, Kind.PAGE, null)));
            assertThat(one().known().isEmpty()).isTrue();
        });
    }

    @Test
    void what_is_known_of_pages_is_no_help_later_if_something_else_is_wanted_in_the_middle_of_a_crawl() {
        List<Discovered> seeds = List.of(new Discovered(START, 0, Kind.PAGE, null));
        run(() -> {
            begin();
            storage.settle(visit(one(), page(START), List.of(), new Validators("\"v1\"", "")));
            assertThat(storage.begin(plan(10, 10, "name=css"), seeds).resumed()).isTrue();
            storage.end();
            storage.begin(plan(10, 10, "name=css"), seeds);
            assertThat(one().known().isEmpty()).isTrue();
        });
    }

    @Test
    void a_crawl_that_ended_by_its_number_of_pages_goes_on_if_more_are_wanted() {
        run(() -> {
            begin(1);
            storage.settle(visit(one(), at("/a")));
            storage.end();
            assertThat(begin(1)).isEqualTo(new Standing(false, 0, 2));
            storage.settle(visit(one(), at("/a")));
            storage.end();
            assertThat(begin(2)).isEqualTo(new Standing(true, 1, 2));
            assertThat(one().url()).isEqualTo(at("/a"));
        });
    }

    @Test
    void a_crawl_from_other_addresses_is_refused_and_clearing_makes_room() {
        run(() -> {
            begin();
            Plan other = new Plan(List.of(URI.create("http://other.example/")), 1, 1, "", Duration.ofMinutes(1));
            assertThatThrownBy(() -> storage.begin(other, List.of()))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("holds a crawl from http://example.com/; choose another store");
            assertThat(storage.contents()).contains(new CrawlStore.Contents(List.of(START), false, 0));
            storage.clear();
            assertThat(storage.contents()).isEmpty();
            assertThat(storage.begin(other, List.of())).isEqualTo(new Standing(false, 0, 1));
        });
    }

    @Test
    void many_visits_at_the_same_time_are_all_recorded() {
        run(() -> {
            begin(10_000);
            URI[] links = IntStream.range(0, 300)
                    .mapToObj(i -> at("/p" + "x".repeat(i % 7) + i))
                    .toArray(URI[]::new);
            storage.settle(visit(one(), links));
            List<Target> targets = storage.take(SITE, 300);
            List<Settled> settled = gather(targets, target -> storage.settle(visit(target, links)));
            assertThat(settled).hasSize(300).allMatch(one -> one.page() != null);
            assertThat(settled).extracting(Settled::target).isEqualTo(targets);
            assertThat(storage.tally().of(Fate.PAGE)).isEqualTo(301);
            assertThat(storage.tally().bytes()).isEqualTo(301 * 123);
            int pages = 0;
            for (long after = 0; after >= 0; ) {
                Storage.Pages some = storage.pages(after);
                pages += some.pages().size();
                after = some.next();
            }
            assertThat(pages).isEqualTo(301);
        });
    }
}
