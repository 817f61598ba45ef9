import assert from "node:assert/strict";
import { test } from "node:test";

import { dayMark, daysBetween, durationText, localDate, localTime, today } from "../static/dates.js";
import { endsOf } from "../static/flight.js";
import { Airports } from "../static/airports.js";

test("a time is the airport's, whatever its offset and wherever the browser is", () => {
  assert.equal(localTime("2027-01-15T23:30:00+00:00"), "23:30");
  assert.equal(localTime("2027-01-15T00:05:00+09:00"), "00:05");
  assert.equal(localTime("2027-01-15T18:45:00-10:00"), "18:45");
});

test("a date is not shifted into the browser's zone", () => {
  assert.equal(localDate("2027-01-15", "en-US"), "Fri, Jan 15, 2027");
  assert.equal(localDate("2027-01-15T00:05:00+09:00", "en-US"), "Fri, Jan 15, 2027");
});

test("an overnight arrival is counted on the calendars of both ends", () => {
  assert.equal(daysBetween("2027-01-15T21:00:00+00:00", "2027-01-16T06:10:00+01:00"), 1);
  assert.equal(daysBetween("2027-01-15T09:40:00+00:00", "2027-01-15T12:35:00-05:00"), 0);
  assert.equal(daysBetween("2027-03-27T21:00:00+00:00", "2027-03-29T06:00:00+09:00"), 2);
  assert.equal(daysBetween("2027-01-16T00:30:00+09:00", "2027-01-15T12:30:00-10:00"), -1);
});

test("the mark says how many days", () => {
  assert.deepEqual([0, 1, 2, -1].map(dayMark), ["", "+1 day", "+2 days", "−1 day"]);
});

test("a duration is told in hours and minutes", () => {
  assert.equal(durationText(475), "7 h 55 min");
  assert.equal(durationText(45), "0 h 45 min");
});

test("today is the traveller's own date", () => {
  assert.equal(today(new Date(2027, 0, 5, 23, 59)), "2027-01-05");
});

test("the ends of a flight name place, date and clock of each airport", () => {
  const airports = new Airports([{ code: "LHR", city: "London" }, { code: "NRT", city: "Tokyo" }]);
  const flight = { from: "LHR", to: "NRT", departure: "2027-01-15T13:00:00+00:00", arrival: "2027-01-16T09:55:00+09:00" };
  const { departs, arrives } = endsOf(flight, airports, "en-US");
  assert.deepEqual([departs.time, departs.mark, departs.place, departs.date],
    ["13:00", "", "London (LHR)", "Fri, Jan 15, 2027"]);
  assert.deepEqual([arrives.time, arrives.mark, arrives.place, arrives.date],
    ["09:55", "+1 day", "Tokyo (NRT)", "Sat, Jan 16, 2027"]);
});
