import assert from "node:assert/strict";
import { test } from "node:test";

import { poll } from "../static/poll.js";

/** A clock that moves only when somebody sleeps. */
function clock() {
  const sleeps = [];
  let time = 0;
  return {
    sleeps,
    now: () => time,
    sleep: async (ms) => {
      sleeps.push(ms);
      time += ms;
    },
  };
}

function answers(...list) {
  return async () => {
    const answer = list.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  };
}

test("it asks until an answer settles", async () => {
  const seen = [];
  const { sleep, now, sleeps } = clock();
  const onAnswer = (answer) => seen.push(answer) && answer === "confirmed";
  assert.equal(await poll({ ask: answers("pending", "pending", "confirmed"), onAnswer, sleep, now }), "settled");
  assert.deepEqual(seen, ["pending", "pending", "confirmed"]);
  assert.deepEqual(sleeps, [300, 375, 468.75]);
});

test("a failed ask is asked again", async () => {
  const { sleep, now } = clock();
  const ask = answers(new Error("offline"), new Error("503"), "confirmed");
  assert.equal(await poll({ ask, onAnswer: () => true, sleep, now }), "settled");
});

test("it slows down to a second and gives up after a minute", async () => {
  const { sleep, now, sleeps } = clock();
  assert.equal(await poll({ ask: async () => "pending", onAnswer: () => false, sleep, now }), "tired");
  assert.equal(Math.max(...sleeps), 1000);
  assert.ok(now() >= 60_000 && now() < 61_000);
});

test("it stops when the traveller leaves, and tells nobody", async () => {
  const leaving = new AbortController();
  const { sleep, now } = clock();
  const ask = async () => {
    leaving.abort();
    return "confirmed";
  };
  const onAnswer = () => assert.fail("the page is gone");
  assert.equal(await poll({ ask, onAnswer, signal: leaving.signal, sleep, now }), "left");
});
