package dev.yibu.crawler;

import dev.yibu.AsyncConsumer;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Where a crawl is kept: the addresses that are known and what has become of them, and all pages. A crawl that did not
 * come to its end, because it was cancelled or its process killed, goes on from there: what was fetched is not fetched
 * again. One that did is done once more, asking servers only for what has changed.
 *
 * <p>A file is for one process at a time. A database of PostgreSQL may be used by any number of crawlers on any number of
 * machines, which then share one crawl.
 *
 * <p><b>Thread-safety.</b> Any task may use it, but it serves one {@link Crawler#crawl} at a time.
 *
 * <p><b>Cancellation.</b> A step that has begun is finished.
 */
public final class CrawlStore implements AutoCloseable {
    private final Storage storage;

    CrawlStore(Storage storage) {
        this.storage = storage;
    }

    Storage storage() {
        return storage;
    }

    /**
     * A store in a file, in the format of SQLite; made if there is none. May wait.
     *
     * @param file where
     * @return the store, to be closed
     * @throws StoreException if it is something else, in use, or can't be written
     */
    public static CrawlStore file(Path file) {
        return new CrawlStore(SqliteStorage.open(Objects.requireNonNull(file, "file")));
    }

    /**
     * A store that is gone when it is closed: in memory, and in a temporary file when it gets large. May wait.
     *
     * @return the store, to be closed
     * @throws StoreException if there is no room for it
     */
    public static CrawlStore temporary() {
        return new CrawlStore(SqliteStorage.open(null));
    }

    /**
     * A store in a database of PostgreSQL, which several crawlers may use at the same time, each through a store of its
     * own. They share the addresses: each page is visited by one of them, and those of a crawler that dies are visited by
     * others, once its {@linkplain CrawlOptions#lease() lease} is over. Where there are pauses between the requests to a host,
     * all of them together keep the pauses, and make one request at a time. Otherwise the number of requests at a time is
     * each crawler's own, and so is how long it leaves a host alone that has asked it to. May wait.
     *
     * @param url where the database is, as JDBC spells it, such as {@code jdbc:postgresql://host/name?user=me}; the tables
     *     are made if there are none
     * @return the store, to be closed
     * @throws StoreException if it can't be opened
     */
    public static CrawlStore postgresql(String url) {
        return new CrawlStore(PostgresStorage.open(Objects.requireNonNull(url, "url")));
    }

    /**
     * What a store holds.
     *
     * @param starts where its crawl starts
     * @param ended whether it has come to its end
     * @param pages how many pages there are
     */
    public record Contents(List<URI> starts, boolean ended, long pages) {
        /** Copies its arguments. */
        public Contents {
            starts = List.copyOf(starts);
        }
    }

    /**
     * Looks what is in the store. May wait.
     *
     * @return what it holds; empty if nothing
     * @throws StoreException if that can't be read
     */
    public Optional<Contents> contents() {
        return storage.contents();
    }

    /**
     * Forgets everything. Not while a crawl uses the store. May wait.
     *
     * @throws StoreException if that fails
     */
    public void clear() {
        storage.clear();
    }

    /**
     * Hands out the pages of the present crawl, or of the last one, in the order in which their addresses were found. May
     * wait.
     *
     * @param receiver receives them, one at a time, on the calling thread; may wait
     * @param <X> what it may throw
     * @throws X if the receiver does
     * @throws StoreException if they can't be read
     */
    public <X extends Throwable> void pages(AsyncConsumer<? super Page, ? extends X> receiver) throws X {
        Objects.requireNonNull(receiver, "receiver");
        for (long after = 0; after >= 0; ) {
            Storage.Pages some = storage.pages(after);
            for (Page page : some.pages()) {
                receiver.accept(page);
            }
            after = some.next();
        }
    }

    /**
     * Closes the store. What a crawl had begun and not finished is left for the next.
     *
     * @throws StoreException if that fails
     */
    @Override
    public void close() {
        storage.close();
    }
}
