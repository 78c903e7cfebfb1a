package dev.yibu.crawler;

import static dev.yibu.Async.deadline;
import static dev.yibu.Async.forEach;
import static dev.yibu.Async.moveOnAfter;
import static dev.yibu.Async.run;
import static dev.yibu.Async.sleep;
import static dev.yibu.Async.timeout;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.yibu.TimeoutException;
import dev.yibu.testkit.Explore;
import dev.yibu.testkit.VirtualTime;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.IntStream;

/** How much of all bodies is in memory; in virtual time. */
class BodyRoomTest {
    private static final int LONGEST = 1_000_000;
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private long inMemory;
    private long most;

    private static InputStream bytes(int length) {
        return new ByteArrayInputStream(new byte[length]);
    }

    private static Optional<BodyRoom.Body> read(BodyRoom room, int length, long announced) throws IOException {
        return timeout(MINUTE, () -> room.read(bytes(length), announced, deadline()));
    }

    @Explore(seeds = 100)
    void all_bodies_together_take_no_more_than_there_is_room_for() throws IOException {
        BodyRoom room = new BodyRoom(3_000_000, LONGEST, 1_000);
        long all = room.free();
        run(() -> {
            forEach(IntStream.range(0, 20).boxed().toList(), i -> {
                int length = 100_000 + 40_000 * i;
                try (BodyRoom.Body body =
                        read(room, length, i % 2 == 0 ? length : -1).orElseThrow()) {
                    assertThat(body.bytes()).hasSize(length);
                    inMemory += length;
                    most = Math.max(most, inMemory);
                    sleep(SECOND);
                    inMemory -= length;
                }
            });
            assertThat(most).isBetween(1_000_000L, 3_000_000L);
            assertThat(room.free()).isEqualTo(all);
        });
    }

    @Explore(seeds = 100)
    void who_gives_up_waiting_leaves_all_room() throws IOException {
        BodyRoom room = new BodyRoom(0, LONGEST, 1_000);
        long all = room.free();
        run(() -> {
            moveOnAfter(
                    SECOND.multipliedBy(2),
                    () -> forEach(IntStream.range(0, 5).boxed().toList(), _ -> {
                        try (BodyRoom.Body _ = read(room, LONGEST, -1).orElseThrow()) {
                            sleep(SECOND);
                        }
                    }));
            assertThat(room.free()).isEqualTo(all);
        });
    }

    @VirtualTime
    void the_time_that_a_body_waits_for_room_does_not_count() throws IOException {
        BodyRoom room = new BodyRoom(0, LONGEST, 1_000);
        run(() -> forEach(IntStream.range(0, 3).boxed().toList(), _ -> {
            try (BodyRoom.Body _ = read(room, LONGEST, -1).orElseThrow()) {
                sleep(MINUTE.multipliedBy(10));
            }
        }));
    }

    @VirtualTime
    void the_time_that_a_body_takes_counts() throws IOException {
        BodyRoom room = new BodyRoom(0, LONGEST, 1_000);
        InputStream slow = new InputStream() {
            @Override
            public int read() {
                sleep(SECOND);
                return 0;
            }
        };
        run(() -> assertThatThrownBy(() -> timeout(MINUTE, () -> room.read(slow, -1, deadline())))
                .isInstanceOf(TimeoutException.class));
    }

    @VirtualTime
    void a_body_of_just_the_allowed_length_is_read_and_none_that_is_longer() throws IOException {
        for (int longest : new int[] {500, 1_000, 70_000}) {
            BodyRoom room = new BodyRoom(0, longest, 1_000);
            long all = room.free();
            run(() -> {
                for (int length : new int[] {0, 1, longest - 1, longest}) {
                    try (BodyRoom.Body body = read(room, length, -1).orElseThrow()) {
                        assertThat(body.bytes()).hasSize(length);
                    }
                }
                assertThat(read(room, longest + 1, -1)).isEmpty();
                assertThat(read(room, 10, longest + 1)).isEmpty();
                assertThat(read(room, longest + 1, 10)).isEmpty(); // it lied
                assertThat(room.free()).isEqualTo(all);
            });
        }
    }
}
