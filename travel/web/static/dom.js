// Elements in one line. Text is always text: nothing here parses HTML.

/**
 * h("a", {href: "/", class: "brand"}, "Wayfarer"). An attribute of true stands alone, one of null, undefined or
 * false is left out, and a function is a listener: {click: () => …}. Null children are left out.
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** Pairs of term and description: [["Departs", "09:40"], …]. */
export function descriptions(pairs) {
  return h("dl", { class: "facts" },
    ...pairs.map(([term, ...details]) => h("div", {}, h("dt", {}, term), h("dd", {}, ...details))));
}
