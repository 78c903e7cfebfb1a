/**
 * What tasks use to wait for each other. The names are those of {@code asyncio}, save {@code Mutex} for its {@code Lock};
 * {@code CapacityLimiter} and {@code RateLimiter} come from the libraries around it.
 *
 * <ul>
 *   <li>Some at a time: {@link dev.yibu.sync.Mutex} (one), {@link dev.yibu.sync.Semaphore} (several), {@link
 *       dev.yibu.sync.CapacityLimiter} (several, each known by name, and the number can change), {@link
 *       dev.yibu.sync.RateLimiter} (so many in a time).
 *   <li>Until something holds: {@link dev.yibu.sync.Event}, {@link dev.yibu.sync.Condition}, {@link
 *       dev.yibu.sync.Barrier}.
 *   <li>To hand things on: {@link dev.yibu.sync.Queue}, {@link dev.yibu.sync.Channel}; {@link dev.yibu.sync.Select} waits
 *       for the first of several.
 * </ul>
 *
 * <p><b>Common rules.</b> Any thread may use these objects, inside a {@code run} or not. Each operation that can wait is a
 * checkpoint: it looks at the cancel state on entry, even if it need not wait. If it throws because of a cancellation, it
 * has not happened, unless it says otherwise; if it has happened, it returns, and the cancellation is met at the next
 * checkpoint. Nothing is lost in between. Who waits is served in the order of arrival, by direct hand-off: nobody who
 * comes later can get ahead. Methods whose names begin with {@code try}, and those that give back, never wait.
 *
 * <p><b>Names.</b> Each object can be given a name, which appears in task listings, error messages and wait graphs.
 */
@NullMarked
package dev.yibu.sync;

import org.jspecify.annotations.NullMarked;
