// The browser's history, and one page at a time: load a view, show it, tell everybody that it changed.

import { h } from "./dom.js";
import { matchRoute, signInPath } from "./router.js";
import { notFoundView, problemPage } from "./views/problem.js";

/**
 * `routes` are {pattern, view, needsSession}. A view is `async (context, {params, query, path, signal})` and returns
 * {heading, content}; `signal` aborts when the traveller leaves. The context gets `go(path)` and `announce(text)`.
 */
export function startNavigation({ context, routes, main, status, onArrival }) {
  let leaving = new AbortController();
  let shown = location.pathname + location.search;

  async function show(path, { first = false } = {}) {
    shown = path;
    leaving.abort();
    leaving = new AbortController();
    const { signal } = leaving;
    const address = new URL(path, location.origin);
    const { route, params } = matchRoute(routes, address.pathname) ?? { route: { view: notFoundView }, params: {} };
    if (route.needsSession && !context.session.customer) return go(signInPath(path), { replace: true });

    main.setAttribute("aria-busy", "true");
    const page = await load(route.view, { params, query: address.searchParams, path, signal });
    if (signal.aborted || !page) return;
    main.removeAttribute("aria-busy");
    onArrival(address.pathname);
    status.textContent = page.announcement ?? "";
    render(page);
    if (!first) main.querySelector("h1").focus();
  }

  async function load(view, visit) {
    try {
      return await view(context, visit);
    } catch (error) {
      if (visit.signal.aborted) return null;
      if (error.code === "not-signed-in") return askToSignIn(visit.path);
      return problemPage(error, visit.path);
    }
  }

  function askToSignIn(path) {
    context.session.ended();
    go(signInPath(path), { replace: true });
    return null;
  }

  function render({ heading, content }) {
    document.title = `${heading} – Wayfarer`;
    main.replaceChildren(h("h1", { tabindex: "-1" }, heading), ...content);
  }

  function go(path, { replace = false } = {}) {
    if (replace) history.replaceState(null, "", path);
    else history.pushState(null, "", path);
    scrollTo(0, 0);
    return show(path);
  }

  addEventListener("popstate", () => {
    const path = location.pathname + location.search;
    if (path !== shown) show(path); // the same where only the fragment changed: the skip link
  });
  document.addEventListener("click", (event) => followLink(event, go));

  Object.assign(context, {
    go,
    /** Show another state of the same page: the heading is announced, and the focus kept where it can be. */
    redraw(page) {
      const hadFocus = main.contains(document.activeElement);
      render(page);
      status.textContent = page.announcement ?? page.heading;
      if (hadFocus) main.querySelector("h1").focus();
    },
    announce(text) {
      status.textContent = text;
    },
    askToSignIn,
  });
  return show(shown, { first: true });
}

/** Links within the shop change the page without a reload; everything else is the browser's. */
function followLink(event, go) {
  if (event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = event.target.closest("a[href]");
  if (!link || link.target || link.origin !== location.origin || link.getAttribute("href").startsWith("#")) return;
  event.preventDefault();
  go(link.pathname + link.search);
}
