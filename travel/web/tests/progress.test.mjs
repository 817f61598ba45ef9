import assert from "node:assert/strict";
import { test } from "node:test";

import { progressKey, progressOf, statusLabel } from "../static/progress.js";

const booking = (status, more = {}) => ({ status, locator: "K7PQ2M", challenge_url: null, refund: null, ...more });
const of = (status, more) => progressOf(booking(status, more), "en-GB");

test("each state has its heading, and only unsettled ones are asked for again", () => {
  const seen = ["pending", "challenge", "confirmed", "declined", "expired", "cancelled"].map((status) => {
    const { heading, moving } = of(status);
    return [heading, moving];
  });
  assert.deepEqual(seen, [
    ["Waiting for your bank", true],
    ["Your bank asks you to confirm", true],
    ["Booking confirmed", false],
    ["Payment declined", false],
    ["Your bank did not answer", false],
    ["Booking cancelled", false],
  ]);
});

test("who was not charged is told so, and can try again", () => {
  for (const status of ["declined", "expired"]) {
    assert.equal(of(status).text, "Your seat was given back. You were not charged.");
    assert.ok(of(status).canRetry);
  }
  assert.ok(!of("confirmed").canRetry);
});

test("only a confirmed booking can be cancelled", () => {
  assert.ok(of("confirmed").canCancel);
  for (const status of ["pending", "challenge", "declined", "expired", "cancelled"]) assert.ok(!of(status).canCancel);
});

test("the bank's page is linked during a challenge only, and only as a web address", () => {
  const challenge_url = "http://127.0.0.1:8309/challenge/abc";
  assert.equal(of("challenge", { challenge_url }).challengeUrl, challenge_url);
  assert.equal(of("confirmed", { challenge_url }).challengeUrl, null);
  assert.equal(of("challenge", { challenge_url: "javascript:alert(1)" }).challengeUrl, null);
});

test("a refund is on its way until the bank has made it", () => {
  const refund = { status: "pending", amount: 18900, currency: "GBP" };
  assert.equal(of("cancelled", { refund }).text, "Refund of £189.00 is on its way");
  assert.ok(of("cancelled", { refund }).moving);
  const refunded = of("cancelled", { refund: { ...refund, status: "refunded" } });
  assert.equal(refunded.text, "Refunded £189.00");
  assert.ok(!refunded.moving);
});

test("the page changes when its booking does, and stays as it is otherwise", () => {
  assert.equal(progressKey(booking("pending")), progressKey(booking("pending", { payment: { status: "pending" } })));
  assert.notEqual(progressKey(booking("pending")), progressKey(booking("confirmed")));
});

test("the list names each state", () => {
  assert.equal(statusLabel("confirmed"), "Confirmed");
  assert.equal(statusLabel("cancelled"), "Cancelled");
});
