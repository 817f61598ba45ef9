import assert from "node:assert/strict";
import { test } from "node:test";

import { createApi } from "../static/api.js";
import { Session } from "../static/session.js";

/** A gateway that answers from a list and keeps what it was asked. */
function gateway(...answers) {
  const asked = [];
  const fetch = async (path, { method, headers, body }) => {
    asked.push({ method, path, headers, body: body && JSON.parse(body) });
    const { status = 200, json = null } = answers.shift();
    return new Response(json === null ? null : JSON.stringify(json), { status });
  };
  return { asked, api: createApi(fetch) };
}

const ZOE = { id: "c1", name: "Zoë", email: "zoe@example.com" };
const SIGNED_IN = { customer: ZOE, expires_at: Date.now() + 60_000 };

test("a search asks for the flights of a route and a date", async () => {
  const { api, asked } = gateway({ json: { flights: [], currency: "EUR" } });
  const search = { from: "LHR", to: "JFK", date: "2027-01-15", passengers: 1, currency: "EUR" };
  assert.deepEqual(await api.flights(search), { flights: [], currency: "EUR" });
  assert.equal(asked[0].method, "GET");
  assert.equal(asked[0].path, "/api/flights?from=LHR&to=JFK&date=2027-01-15&passengers=1&currency=EUR");
  assert.equal(asked[0].headers["Content-Type"], undefined);
});

test("a booking is sent as JSON with its idempotency key", async () => {
  const { api, asked } = gateway({ status: 202, json: { id: "b1", status: "pending" } });
  await api.book({ flight_id: "F" }, "key-1");
  assert.deepEqual(asked[0], {
    method: "POST",
    path: "/api/bookings",
    headers: { Accept: "application/json", "Content-Type": "application/json", "Idempotency-Key": "key-1" },
    body: { flight_id: "F" },
  });
});

test("bookings are read by page, and one is cancelled under its own address", async () => {
  const { api, asked } = gateway({ json: {} }, { json: {} }, { json: {} });
  await api.bookings(2, 5);
  await api.booking("b/1");
  await api.cancel("b1");
  assert.deepEqual(asked.map(({ method, path }) => `${method} ${path}`), [
    "GET /api/bookings?page=2&size=5", "GET /api/bookings/b%2F1", "POST /api/bookings/b1/cancellation",
  ]);
});

test("an empty answer is no error", async () => {
  const { api } = gateway({ status: 204 });
  assert.equal(await api.signOut(), null);
});

test("a problem document becomes an error with its code and fields", async () => {
  const json = { status: 422, code: "invalid-customer", detail: "Check the form.", errors: { name: "Too long." } };
  const { api } = gateway({ status: 422, json });
  await assert.rejects(api.signUp({}), { status: 422, code: "invalid-customer", message: "Check the form.", errors: json.errors });
});

test("an error without a document, and no answer at all, have words of their own", async () => {
  const { api } = gateway({ status: 500 });
  await assert.rejects(api.airports(), { status: 500, code: "error", message: /our side/ });
  const offline = createApi(async () => { throw new TypeError("failed to fetch"); });
  await assert.rejects(offline.airports(), { status: 0, code: "unreachable", message: /reach/ });
});

test("the session tells who signed in and out", async () => {
  const { api } = gateway({ json: SIGNED_IN }, { status: 204 });
  const seen = [];
  const session = new Session(api, () => seen.push(session.customer?.name ?? null));
  await session.signIn({ email: "zoe@example.com", password: "secret" });
  await session.signOut();
  assert.deepEqual(seen, ["Zoë", null]);
});

test("opening an account signs in at once", async () => {
  const { api, asked } = gateway({ status: 201, json: ZOE }, { json: SIGNED_IN });
  const session = new Session(api);
  await session.signUp({ name: "Zoë", email: "zoe@example.com", password: "long enough" });
  assert.equal(session.customer.name, "Zoë");
  assert.deepEqual(asked[0].body, { name: "Zoë", email: "zoe@example.com", password: "long enough" });
});

test("nobody is signed in when the gateway says so, or a sign-in is refused", async () => {
  const { api } = gateway({ status: 401, json: { code: "not-signed-in", detail: "" } },
    { status: 401, json: { code: "wrong-credentials", detail: "" } });
  const session = new Session(api);
  await session.load();
  assert.equal(session.customer, null);
  await assert.rejects(session.signIn({}), { code: "wrong-credentials" });
  assert.equal(session.customer, null);
});

test("nobody is signed in any more once the session is over", async () => {
  let now = SIGNED_IN.expires_at - 1;
  const session = new Session(gateway({ json: SIGNED_IN }).api, () => {}, () => now);
  await session.load();
  assert.equal(session.customer.name, "Zoë");
  now += 1;
  assert.equal(session.customer, null);
});
