/**
 * The engine room, from the ground up: {@link dev.yibu.lowlevel.Driver driver} (threads, time, randomness) →
 * {@link dev.yibu.lowlevel.Suspension suspension} (the one way to wait) → {@link dev.yibu.lowlevel.CancelScope cancel
 * scopes} and {@link dev.yibu.lowlevel.Strand strands} (who is cancelled, and how it learns of it) →
 * {@link dev.yibu.lowlevel.ForeignCall foreign calls} (blocking code that Yibu did not write).
 *
 * <p>Users of Yibu need nothing from here. Authors of drivers for databases and protocols need {@code ForeignCall};
 * authors of synchronisation primitives need {@code Suspension} and {@code WaitQueue}; test kits need {@code Driver}.
 */
@NullMarked
package dev.yibu.lowlevel;

import org.jspecify.annotations.NullMarked;
