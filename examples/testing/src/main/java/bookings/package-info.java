/** Seats of a theatre, sold by a slow payment service: an example of code whose tests need other schedules and more time. */
@NullMarked
package bookings;

import org.jspecify.annotations.NullMarked;
