import assert from "node:assert/strict";
import { test } from "node:test";

import { cardErrors, cardFrom, passesLuhn } from "../static/card.js";

const NOW = new Date(2027, 0, 31);
const VALID = { number: "4111111111111111", expiry: "12/30", cvc: "123", holder: "Ana O'Brien" };

test("spaces and dashes in a card number are for the eye only", () => {
  const card = cardFrom({ "card.number": "4111 1111-1111 1111", "card.expiry": "12 / 30", "card.cvc": "123", "card.holder": "Ana O'Brien" });
  assert.deepEqual(card, VALID);
  assert.deepEqual(cardErrors(card, NOW), {});
});

test("a mistyped number is told before it is sent", () => {
  assert.deepEqual(Object.keys(cardErrors({ ...VALID, number: "4111111111111112" }, NOW)), ["card.number"]);
  assert.deepEqual(Object.keys(cardErrors({ ...VALID, number: "" }, NOW)), ["card.number"]);
});

test("a card is good until the end of its month", () => {
  assert.deepEqual(cardErrors({ ...VALID, expiry: "01/27" }, NOW), {});
  assert.match(cardErrors({ ...VALID, expiry: "12/26" }, NOW)["card.expiry"], /expired/);
  assert.match(cardErrors({ ...VALID, expiry: "13/30" }, NOW)["card.expiry"], /MM\/YY/);
});

test("the security code has 3 or 4 digits and the holder a name", () => {
  assert.deepEqual(Object.keys(cardErrors({ ...VALID, cvc: "12", holder: "" }, NOW)), ["card.cvc", "card.holder"]);
  assert.deepEqual(cardErrors({ ...VALID, cvc: "1234" }, NOW), {});
});

test("the check digit is that of ISO/IEC 7812", () => {
  for (const number of ["4111111111111111", "4000000000000002", "4000000000003220", "4000000000000341", "4000000000009995"]) {
    assert.ok(passesLuhn(number), number);
  }
  assert.ok(!passesLuhn("4000000000000003"));
});
