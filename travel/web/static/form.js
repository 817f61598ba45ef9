// Labelled fields, errors that are told to everybody, and sending once.

import { h } from "./dom.js";

/** A label, its input and a place for its error. */
export function textField(label, name, { hint = null, ...attributes } = {}) {
  const id = idOf(name);
  return field(label, id, h("input", {
    id, name, type: "text", "data-hint": hint && `${id}-hint`, "aria-describedby": hint && `${id}-hint`, ...attributes,
  }), hint);
}

/** `options` are [value, text] pairs. */
export function selectField(label, name, options, { value = "", ...attributes } = {}) {
  const id = idOf(name);
  const select = h("select", { id, name, ...attributes });
  fillSelect(select, options, value);
  return field(label, id, select, null);
}

export function fillSelect(select, options, value) {
  select.replaceChildren(...options.map(([option, text]) => h("option", { value: option }, text)));
  select.value = options.some(([option]) => option === value) ? value : options[0][0];
}

/**
 * A form whose alert lists its errors. `onSubmit(values)` runs once at a time: while its promise is pending, the
 * button is disabled. It returns errors by field name to show them ("" stands for the whole form), or nothing.
 */
export function form({ button, onSubmit, ...attributes }, ...children) {
  const alert = h("div", { role: "alert", class: "errors" });
  const submit = h("button", { type: "submit", class: "primary" }, button);
  const element = h("form", { novalidate: true, ...attributes }, alert, ...children, submit);
  element.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (submit.disabled) return;
    showErrors(element, {});
    setBusy(submit, true);
    try {
      showErrors(element, await onSubmit(Object.fromEntries(new FormData(element))) ?? {});
    } finally {
      setBusy(submit, false);
    }
  });
  return element;
}

export function setBusy(button, busy) {
  button.disabled = busy;
  if (busy) button.setAttribute("aria-busy", "true");
  else button.removeAttribute("aria-busy");
}

/** List the errors in the form's alert, mark their fields, and move to the first of them. */
function showErrors(element, errors) {
  const messages = [...new Set(Object.values(errors))];
  const alert = element.querySelector("[role=alert]");
  alert.replaceChildren(
    ...(messages.length ? [h("ul", {}, ...messages.map((message) => h("li", {}, message)))] : []),
  );
  const invalid = [...element.querySelectorAll("input, select")].filter((control) => {
    mark(control, element.querySelector(`#${control.id}-error`), errors[control.name]);
    return control.name in errors;
  });
  if (invalid.length) invalid[0].focus();
  else if (messages.length) alert.scrollIntoView({ block: "center" });
}

function mark(control, error, message) {
  error.textContent = message ?? "";
  const described = [control.dataset.hint, message && error.id].filter(Boolean).join(" ");
  if (described) control.setAttribute("aria-describedby", described);
  else control.removeAttribute("aria-describedby");
  if (message) control.setAttribute("aria-invalid", "true");
  else control.removeAttribute("aria-invalid");
}

function field(label, id, control, hint) {
  return h("div", { class: "field" },
    h("label", { for: id }, label),
    control,
    hint && h("p", { class: "hint", id: `${id}-hint` }, hint),
    h("p", { class: "error", id: `${id}-error` }),
  );
}

/** "passengers.0.seat" → "passengers-0-seat", which is easier on selectors. */
const idOf = (name) => name.replaceAll(".", "-");
