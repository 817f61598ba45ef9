// Prices in minor units, as travellers read them. Nothing is converted here: the service did that.

export const CURRENCIES = ["GBP", "EUR", "USD", "JPY"];

const EURO_COUNTRIES = new Set([
  "AT", "BE", "BG", "CY", "DE", "EE", "ES", "FI", "FR", "GR", "HR", "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PT",
  "SI", "SK",
]);
const CURRENCY_OF_COUNTRY = { GB: "GBP", US: "USD", JP: "JPY" };

/** {amount: 18900, currency: "GBP"} → "£189.00" in the reader's locale; yen have no decimals. */
export function formatMoney({ amount, currency }, locale) {
  const format = new Intl.NumberFormat(locale, { style: "currency", currency });
  return format.format(amount / 10 ** format.resolvedOptions().maximumFractionDigits);
}

/** The price of `count` seats at `price` each. */
export function times(price, count) {
  return { amount: price.amount * count, currency: price.currency };
}

/** The currency that a traveller with this locale most likely pays in ("de" means Germany). */
export function currencyForLocale(locale) {
  const { region } = new Intl.Locale(locale).maximize();
  return CURRENCY_OF_COUNTRY[region] ?? (EURO_COUNTRIES.has(region) ? "EUR" : "GBP");
}
