import assert from "node:assert/strict";
import { test } from "node:test";

import { cleanName, passengerErrors, passengersFrom } from "../static/passenger.js";

test("accents are kept, in one form", () => {
  assert.equal(cleanName("José"), "José");
  assert.equal(cleanName("Jose\u0301"), "Jos\u00e9");
});

test("apostrophes and hyphens are part of a name", () => {
  assert.equal(cleanName("O'Brien"), "O'Brien");
  assert.equal(cleanName("Anne-Marie"), "Anne-Marie");
});

test("inner runs of spaces become one", () => {
  assert.equal(cleanName("Ana   Maria"), "Ana Maria");
});

test("passengers are read from the form in order", () => {
  const values = {
    "passengers.0.given_name": "Ana", "passengers.0.family_name": "O'Brien", "passengers.0.seat": "1A",
    "passengers.1.given_name": "Zoë", "passengers.1.family_name": "Weiß", "passengers.1.seat": "1B",
  };
  assert.deepEqual(passengersFrom(values, 2), [
    { given_name: "Ana", family_name: "O'Brien", seat: "1A" },
    { given_name: "Zoë", family_name: "Weiß", seat: "1B" },
  ]);
});

test("names and a seat are required of each passenger", () => {
  const errors = passengerErrors(passengersFrom({ "passengers.0.given_name": "Ana" }, 2));
  assert.deepEqual(Object.keys(errors), [
    "passengers.0.family_name", "passengers.0.seat",
    "passengers.1.given_name", "passengers.1.family_name", "passengers.1.seat",
  ]);
});

test("two passengers cannot share a seat", () => {
  const errors = passengerErrors([
    { given_name: "Ana", family_name: "Lee", seat: "1A" },
    { given_name: "Bo", family_name: "Lee", seat: "1A" },
  ]);
  assert.deepEqual(Object.keys(errors), ["passengers.1.seat"]);
});
