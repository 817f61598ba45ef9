// The gateway's interface: one function a call. Every refusal is an ApiError.

import { searchQuery } from "./search.js";

const NO_ANSWER = "We could not reach our service. Check your connection and try again.";

/** `status` 0 stands for no answer at all; `errors` are sentences by field, where the service gave some. */
export class ApiError extends Error {
  constructor({ status = 0, code = "unreachable", detail = NO_ANSWER, errors = null } = {}) {
    super(detail);
    this.status = status;
    this.code = code;
    this.errors = errors;
  }
}

export function createApi(fetch) {
  const call = (method, path, options) => send(fetch, method, `/api${path}`, options);
  const get = (path) => call("GET", path);
  const id = encodeURIComponent;
  return {
    session: () => get("/session"),
    signIn: (credentials) => call("POST", "/session", { body: credentials }),
    signOut: () => call("DELETE", "/session"),
    signUp: (account) => call("POST", "/customers", { body: account }),
    airports: () => get("/airports"),
    flights: (search) => get(`/flights?${searchQuery(search)}`),
    flight: (flightId, currency) => get(`/flights/${id(flightId)}?currency=${id(currency)}`),
    seats: (flightId) => get(`/flights/${id(flightId)}/seats`),
    book: (request, idempotencyKey) => call("POST", "/bookings", { body: request, idempotencyKey }),
    bookings: (page, size) => get(`/bookings?page=${page}&size=${size}`),
    booking: (bookingId) => get(`/bookings/${id(bookingId)}`),
    cancel: (bookingId) => call("POST", `/bookings/${id(bookingId)}/cancellation`),
  };
}

async function send(fetch, method, path, { body, idempotencyKey } = {}) {
  const headers = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (idempotencyKey) headers["Idempotency-Key"] = idempotencyKey;
  let response;
  try {
    response = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch {
    throw new ApiError();
  }
  const answer = await jsonOf(response);
  if (!response.ok) throw new ApiError({ status: response.status, ...described(answer) });
  return answer;
}

async function jsonOf(response) {
  try {
    return await response.json();
  } catch {
    return null; // empty, or not JSON
  }
}

function described(problem) {
  const { code = "error", detail = "Something went wrong on our side. Please try again.", errors = null } = problem ?? {};
  return { code, detail, errors };
}
