import assert from "node:assert/strict";
import { test } from "node:test";

import { refusedAccount, signInErrors, signInFrom, signUpErrors, signUpFrom } from "../static/account.js";
import { ApiError } from "../static/api.js";

test("an account is sent as typed, apart from stray spaces", () => {
  assert.deepEqual(signUpFrom({ name: "Zoë  O'Brien", email: "zoe@example.com ", password: " s3cret word" }),
    { name: "Zoë O'Brien", email: "zoe@example.com", password: " s3cret word" });
});

test("every field of an account is required", () => {
  assert.deepEqual(Object.keys(signUpErrors({ name: "", email: "", password: "" })), ["name", "email", "password"]);
  assert.deepEqual(signUpErrors({ name: "Zoë", email: "zoe@example.com", password: "8 letter" }), {});
});

test("an email address needs both of its sides, and a name has an end", () => {
  assert.deepEqual(Object.keys(signUpErrors({ name: "x".repeat(81), email: "zoe@example", password: "longenough" })),
    ["name", "email"]);
});

test("signing in asks for both parts", () => {
  assert.deepEqual(signInFrom({ email: " zoe@example.com", password: " p " }), { email: "zoe@example.com", password: " p " });
  assert.deepEqual(Object.keys(signInErrors({ email: "", password: "" })), ["email", "password"]);
});

test("a refusal is told in the traveller's words", () => {
  assert.deepEqual(refusedAccount(new ApiError({ status: 401, code: "wrong-credentials" })), { "": "Email or password is wrong." });
  assert.deepEqual(Object.keys(refusedAccount(new ApiError({ status: 409, code: "email-taken" }))), ["email"]);
  const errors = { name: "Too long." };
  assert.deepEqual(refusedAccount(new ApiError({ status: 422, code: "invalid-customer", errors })), errors);
  assert.deepEqual(refusedAccount(new ApiError({ status: 503, code: "neighbour-unreachable", detail: "customers did not answer." })),
    { "": "customers did not answer." });
});
