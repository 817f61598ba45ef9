// The search form.

import { today } from "../dates.js";
import { form, selectField, textField } from "../form.js";
import { CURRENCIES } from "../money.js";
import { MAX_PASSENGERS, searchErrors, searchFrom, searchPath } from "../search.js";
import { h } from "../dom.js";

export async function homeView({ airports, locale, go }, { query }) {
  const { list } = await airports();
  const asked = searchFrom(query, locale);
  const places = [["", "Choose an airport"], ...list.map(({ code, city }) => [code, `${city} (${code})`])];
  const counts = Array.from({ length: MAX_PASSENGERS }, (_, index) => [String(index + 1), String(index + 1)]);

  async function search(values) {
    const wanted = { ...values, passengers: Number(values.passengers) };
    const errors = searchErrors(wanted, today());
    if (Object.keys(errors).length) return errors;
    return go(searchPath(wanted));
  }

  return {
    heading: "Search flights",
    content: [
      h("p", { class: "lead" }, "Where would you like to go?"),
      form({ button: "Search", onSubmit: search, class: "card search" },
        selectField("From", "from", places, { value: asked.from, required: true }),
        selectField("To", "to", places, { value: asked.to, required: true }),
        textField("Date", "date", { type: "date", min: today(), value: asked.date, required: true }),
        selectField("Passengers", "passengers", counts, { value: String(asked.passengers) }),
        selectField("Currency", "currency", CURRENCIES.map((code) => [code, code]), { value: asked.currency }),
      ),
    ],
  };
}
