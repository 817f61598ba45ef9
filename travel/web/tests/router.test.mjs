import assert from "node:assert/strict";
import { test } from "node:test";

import { matchRoute, safeNext, signInPath } from "../static/router.js";

const ROUTES = ["/", "/bookings", "/bookings/:bookingId", "/book/:flightId"].map((pattern) => ({ pattern }));
const match = (path) => {
  const found = matchRoute(ROUTES, path);
  return found && [found.route.pattern, found.params];
};

test("a path belongs to the route of its shape", () => {
  assert.deepEqual(match("/"), ["/", {}]);
  assert.deepEqual(match("/bookings"), ["/bookings", {}]);
  assert.deepEqual(match("/bookings/5c2a"), ["/bookings/:bookingId", { bookingId: "5c2a" }]);
  assert.deepEqual(match("/book/GN0123-2027-01-15"), ["/book/:flightId", { flightId: "GN0123-2027-01-15" }]);
});

test("a parameter is decoded, and must not be empty", () => {
  assert.deepEqual(match("/book/a%20b"), ["/book/:flightId", { flightId: "a b" }]);
  assert.deepEqual(match("/book/%"), ["/book/:flightId", { flightId: "%" }]);
  assert.equal(match("/book/"), null);
  assert.equal(match("/elsewhere"), null);
});

test("signing in leads back, but never to another site", () => {
  assert.equal(signInPath("/book/X?passengers=2&currency=EUR"), "/sign-in?next=%2Fbook%2FX%3Fpassengers%3D2%26currency%3DEUR");
  assert.equal(safeNext("/bookings?page=2"), "/bookings?page=2");
  for (const next of [null, "", "//evil.example", "/\\evil.example", "https://evil.example"]) assert.equal(safeNext(next), "/");
});
