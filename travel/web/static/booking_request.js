// What the booking form sends, and what its refusals mean to the traveller.

import { cardErrors, cardFrom } from "./card.js";
import { passengerErrors, passengersFrom } from "./passenger.js";

export const SEAT_TAKEN = "That seat has just been taken. Choose another seat.";

const UNBOOKABLE_NAME = "The airline cannot take a name as it is written here. Use the letters of the passport.";
const MAYBE_BOOKED = "Your first attempt may have gone through. Look at My bookings before you pay again.";

/** The body of `POST /api/bookings`; `total` is the price of all that the traveller saw, in minor units. */
export function bookingRequest(values, { flightId, count, currency, email, language, total }) {
  return {
    flight_id: flightId,
    passengers: passengersFrom(values, count),
    currency,
    card: cardFrom(values),
    contact_email: email,
    language,
    total,
  };
}

export function bookingErrors(request, now = new Date()) {
  return { ...passengerErrors(request.passengers), ...cardErrors(request.card, now) };
}

/** What the traveller is told when the service refused, by field; "" stands for the whole form. */
export function refusedBooking(error) {
  if (error.code === "gds-refused") return { "": UNBOOKABLE_NAME };
  if (error.code === "idempotency-key-reused") return { "": MAYBE_BOOKED };
  return error.errors ?? { "": error.message };
}

/** After `seat-taken`: an error at each passenger's seat that is free no more. */
export function seatTakenErrors(passengers, seats) {
  const free = new Set(freeSeats(seats));
  const taken = passengers.flatMap(({ seat }, index) => (free.has(seat) ? [] : [`passengers.${index}.seat`]));
  return Object.fromEntries((taken.length ? taken : [""]).map((field) => [field, SEAT_TAKEN]));
}

/** [{seat: "1A", free: true}, …] → ["1A", …]. */
export function freeSeats(seats) {
  return seats.filter(({ free }) => free).map(({ seat }) => seat);
}

/**
 * Whether the service has surely made no booking, so that the next attempt is a new one and takes a new
 * idempotency key. After any other failure the key stays: the first attempt may have gone through.
 */
export function surelyNotBooked(error) {
  return (error.status >= 400 && error.status < 500) || error.code === "gds-refused";
}

/** A fresh Idempotency-Key. `crypto.randomUUID` would need HTTPS, which a test environment may not have. */
export function newIdempotencyKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
