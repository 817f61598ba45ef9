// The bar on top of every page: the shop, the ways through it, and who is signed in.

import { h } from "./dom.js";

export function renderHeader(element, customer, path, onSignOut) {
  const link = (href, text) => h("a", { href, "aria-current": href === path ? "page" : null }, text);
  const links = customer
    ? [link("/", "Search flights"), link("/bookings", "My bookings")]
    : [link("/", "Search flights"), link("/sign-in", "Sign in"), link("/sign-up", "Sign up")];
  element.replaceChildren(
    h("a", { href: "/", class: "brand" }, "Wayfarer"),
    h("nav", { "aria-label": "Main" }, h("ul", { role: "list" }, ...links.map((each) => h("li", {}, each)))),
    ...(customer ? [account(customer, onSignOut)] : []),
  );
}

function account(customer, onSignOut) {
  return h("div", { class: "account" },
    h("span", {}, `Signed in as ${customer.name}`),
    h("button", { type: "button", class: "quiet", click: onSignOut }, "Sign out"),
  );
}
