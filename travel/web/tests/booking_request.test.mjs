import assert from "node:assert/strict";
import { test } from "node:test";

import { ApiError } from "../static/api.js";
import {
  SEAT_TAKEN, bookingErrors, bookingRequest, freeSeats, newIdempotencyKey, refusedBooking, seatTakenErrors, surelyNotBooked,
} from "../static/booking_request.js";

const VALUES = {
  "passengers.0.given_name": "Zoë", "passengers.0.family_name": "O'Brien", "passengers.0.seat": "2C",
  "card.number": "4111 1111 1111 1111", "card.expiry": "12/30", "card.cvc": "123", "card.holder": "Zoë O'Brien",
};
const REQUEST = bookingRequest(VALUES, {
  flightId: "GN0123-2027-01-15", count: 1, currency: "GBP", email: "zoe@example.com", language: "en",
  total: 18900,
});

test("the request holds what the booking service asks for, and nothing more", () => {
  assert.deepEqual(REQUEST, {
    flight_id: "GN0123-2027-01-15",
    passengers: [{ given_name: "Zoë", family_name: "O'Brien", seat: "2C" }],
    currency: "GBP",
    card: { number: "4111111111111111", expiry: "12/30", cvc: "123", holder: "Zoë O'Brien" },
    contact_email: "zoe@example.com",
    language: "en",
    total: 18900,
  });
  assert.deepEqual(bookingErrors(REQUEST, new Date(2027, 0, 1)), {});
});

test("passengers and card are checked together", () => {
  const empty = bookingRequest({}, { flightId: "F", count: 1, currency: "GBP", email: "a@b.cc", language: "en" });
  assert.deepEqual(Object.keys(bookingErrors(empty)), [
    "passengers.0.given_name", "passengers.0.family_name", "passengers.0.seat",
    "card.number", "card.expiry", "card.cvc", "card.holder",
  ]);
});

test("only free seats are offered", () => {
  assert.deepEqual(freeSeats([{ seat: "1A", free: true }, { seat: "1B", free: false }]), ["1A"]);
});

test("a taken seat is told at the passenger who chose it", () => {
  const passengers = [{ seat: "1A" }, { seat: "1B" }];
  assert.deepEqual(seatTakenErrors(passengers, [{ seat: "1A", free: true }, { seat: "1B", free: false }]),
    { "passengers.1.seat": SEAT_TAKEN });
  assert.deepEqual(seatTakenErrors(passengers, [{ seat: "1A", free: true }, { seat: "1B", free: true }]), { "": SEAT_TAKEN });
});

test("a refusal is told by field where the service names fields", () => {
  const errors = { "passengers.0.given_name": "Too long." };
  assert.deepEqual(refusedBooking(new ApiError({ status: 422, code: "invalid-booking", errors })), errors);
  assert.match(refusedBooking(new ApiError({ status: 502, code: "gds-refused" }))[""], /passport/);
  assert.deepEqual(refusedBooking(new ApiError({ status: 502, code: "bank-refused", detail: "No." })), { "": "No." });
});

test("who changed the form after an attempt without an answer is warned of paying twice", () => {
  const error = new ApiError({ status: 409, code: "idempotency-key-reused", detail: "This key was used." });
  assert.match(refusedBooking(error)[""], /may have gone through/);
});

test("the key stays while the first attempt may have gone through", () => {
  assert.ok(surelyNotBooked(new ApiError({ status: 409, code: "seat-taken" })));
  assert.ok(surelyNotBooked(new ApiError({ status: 502, code: "gds-refused" })));
  assert.ok(!surelyNotBooked(new ApiError()));
  assert.ok(!surelyNotBooked(new ApiError({ status: 503, code: "neighbour-unreachable" })));
});

test("no two forms share an idempotency key", () => {
  const keys = new Set(Array.from({ length: 100 }, newIdempotencyKey));
  assert.equal(keys.size, 100);
  for (const key of keys) assert.match(key, /^[0-9a-f]{32}$/);
});
