import assert from "node:assert/strict";
import { test } from "node:test";

import { Airports } from "../static/airports.js";
import { foundText, seatsText } from "../static/flight.js";
import { bookPath, searchErrors, searchFrom, searchPath, searchQuery } from "../static/search.js";

const SEARCH = { from: "LHR", to: "JFK", date: "2027-01-15", passengers: 2, currency: "EUR" };

test("a search survives the way into the address and back, its date unchanged", () => {
  assert.equal(searchPath(SEARCH), "/search?from=LHR&to=JFK&date=2027-01-15&passengers=2&currency=EUR");
  assert.deepEqual(searchFrom(new URLSearchParams(searchQuery(SEARCH)), "en-GB"), SEARCH);
});

test("an address that says nothing, or nonsense, means one passenger and the locale's currency", () => {
  assert.deepEqual(searchFrom(new URLSearchParams("passengers=9&currency=XXX"), "en-US"),
    { from: "", to: "", date: "", passengers: 1, currency: "USD" });
});

test("a search needs two different airports and a day to come", () => {
  assert.deepEqual(searchErrors(SEARCH, "2027-01-15"), {});
  assert.deepEqual(Object.keys(searchErrors({ ...SEARCH, to: "LHR" }, "2027-01-15")), ["to"]);
  assert.deepEqual(Object.keys(searchErrors(SEARCH, "2027-01-16")), ["date"]);
  assert.deepEqual(Object.keys(searchErrors({ ...SEARCH, from: "", to: "", date: "" }, "2027-01-15")), ["from", "to", "date"]);
});

test("booking a flight keeps passengers and currency", () => {
  assert.equal(bookPath("GN0123-2027-01-15", SEARCH), "/book/GN0123-2027-01-15?passengers=2&currency=EUR");
});

test("airports are called by their city, in its order; an unknown code stands for itself", () => {
  const airports = new Airports([{ code: "JFK", city: "New York" }, { code: "LHR", city: "London" }]);
  assert.deepEqual(airports.list.map(({ code }) => code), ["LHR", "JFK"]);
  assert.equal(airports.route({ from: "LHR", to: "JFK" }), "London to New York");
  assert.equal(airports.label("LHR"), "London (LHR)");
  assert.equal(airports.label("XXX"), "XXX");
});

test("seats and findings are counted in plain words", () => {
  assert.deepEqual([0, 1, 20].map(seatsText), ["Sold out", "1 seat left", "20 seats left"]);
  assert.deepEqual([0, 1, 3].map(foundText), ["0 flights found.", "1 flight found.", "3 flights found."]);
});
