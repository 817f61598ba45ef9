// Which view an address belongs to. Pure: the browser's history is navigation.js' business.

/** [{pattern: "/bookings/:id", …}] and a path → {route, params}, or null where no pattern fits. */
export function matchRoute(routes, path) {
  for (const route of routes) {
    const params = paramsOf(route.pattern, path);
    if (params) return { route, params };
  }
  return null;
}

/** Where to go after signing in: a path of this site, never another site's address. */
export function safeNext(next) {
  return /^\/(?![/\\])/.test(next ?? "") ? next : "/";
}

/** The sign-in page that leads back to `path`. */
export function signInPath(path) {
  return `/sign-in?${new URLSearchParams({ next: path })}`;
}

function paramsOf(pattern, path) {
  const wanted = pattern.split("/");
  const given = path.split("/");
  if (wanted.length !== given.length) return null;
  const params = {};
  for (const [index, part] of wanted.entries()) {
    if (part.startsWith(":") && given[index]) params[part.slice(1)] = decode(given[index]);
    else if (part !== given[index]) return null;
  }
  return params;
}

function decode(segment) {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment; // "%" alone is no escape
  }
}
