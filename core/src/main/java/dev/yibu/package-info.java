/**
 * Asynchronous programs that read like ordinary ones. Begin with {@link dev.yibu.Async}: {@code import static
 * dev.yibu.Async.*;} brings {@code run}, {@code gather}, {@code timeout}, {@code sleep} and their relatives.
 *
 * <ul>
 *   <li>Work: {@link dev.yibu.Coroutine} and {@link dev.yibu.Action} (not started), {@link dev.yibu.Task} (in progress),
 *       {@link dev.yibu.Outcome} (done).
 *   <li>Ownership: {@link dev.yibu.TaskGroup}; {@link dev.yibu.Completions} for results as they come; {@link
 *       dev.yibu.ResourceStack} for resources; {@link dev.yibu.Portal} for threads outside; {@link
 *       dev.yibu.ScopedTasks} for authors of things that may be left open.
 *   <li>Cancellation: {@link dev.yibu.Cancelled}, {@link dev.yibu.CancelReason}, {@link dev.yibu.Deadline}, {@link
 *       dev.yibu.TimeoutException}.
 *   <li>Context: {@link dev.yibu.ContextVar}.
 * </ul>
 */
@NullMarked
package dev.yibu;

import org.jspecify.annotations.NullMarked;
