import assert from "node:assert/strict";
import { test } from "node:test";

import { currencyForLocale, formatMoney, times } from "../static/money.js";

const plain = (text) => text.replace(/[\u00a0\u202f]/g, " ");

test("a price is written as the reader's locale writes it", () => {
  assert.equal(formatMoney({ amount: 18900, currency: "GBP" }, "en-GB"), "£189.00");
  assert.equal(plain(formatMoney({ amount: 123456, currency: "EUR" }, "de-DE")), "1.234,56 €");
  assert.equal(formatMoney({ amount: 5, currency: "USD" }, "en-US"), "$0.05");
});

test("yen have no minor unit", () => {
  assert.equal(formatMoney({ amount: 31500, currency: "JPY" }, "en-GB"), "JP¥31,500");
});

test("the price of several seats keeps its currency", () => {
  assert.deepEqual(times({ amount: 18900, currency: "EUR" }, 3), { amount: 56700, currency: "EUR" });
});

test("the currency follows the country of the locale", () => {
  const expected = { "en-GB": "GBP", "en-US": "USD", "ja-JP": "JPY", "de-DE": "EUR", "hr-HR": "EUR", "fr": "EUR", "sv-SE": "GBP" };
  for (const [locale, currency] of Object.entries(expected)) assert.equal(currencyForLocale(locale), currency, locale);
});
