// What is shown where a page cannot be: there is no such page, or a service failed.

import { h } from "../dom.js";

export async function notFoundView() {
  return {
    heading: "Page not found",
    content: [h("p", {}, "There is nothing at this address."), searchLink()],
  };
}

/** The page in place of one that could not be loaded: tried again where that may help. */
export function problemPage(error, path) {
  if (error.status === 404) return { heading: "Page not found", content: [h("p", {}, error.message), searchLink()] };
  const sentences = error.errors ? Object.values(error.errors) : [error.message];
  const refused = error.status >= 400 && error.status < 500;
  return {
    heading: "Something went wrong",
    content: [
      h("div", { role: "alert", class: "errors" }, ...sentences.map((sentence) => h("p", {}, sentence))),
      refused ? searchLink() : h("p", {}, h("a", { href: path, class: "button" }, "Try again")),
    ],
  };
}

const searchLink = () => h("p", {}, h("a", { href: "/" }, "Search flights"));
