// Adds the trace context of the scenario to a page's requests to its own origin. It leaves alone requests to other
// origins (the header would cause a preflight) and requests that set their own context, and is invisible to the page.
// Evaluated as a function of {traceId, origins, thirdParties} before any script of a page, in each of its frames.
(({traceId, origins, thirdParties}) => {
  if (!origins.includes(self.origin)) return;
  const NAME = 'traceparent';
  const {crypto, Headers, Object, Proxy, Reflect, Request, String, URL, WeakMap, XMLHttpRequest} = self;
  const bytes = new Uint8Array(8);

  const header = () => {
    crypto.getRandomValues(bytes);
    return `00-${traceId}-${Array.from(bytes, each => each.toString(16).padStart(2, '0')).join('')}-01`;
  };
  const below = (url, prefix) => url === prefix || ['/', '?', '#'].some(next => url.startsWith(prefix + next));
  const own = url => {
    try {
      const to = new URL(String(url), document.baseURI);
      return to.origin === self.origin && !thirdParties.some(prefix => below(to.href, prefix));
    } catch {
      return false;  // the browser itself reports the invalid URL
    }
  };
  // A proxy keeps name, length and property flags of its target, and prints as native code.
  const stand = (owner, name, apply) => {
    const flags = Object.getOwnPropertyDescriptor(owner, name);
    const native = flags.value;
    const get = (target, key) => key === 'toString' ? target.toString.bind(target) : Reflect.get(target, key);
    Object.defineProperty(owner, name, {...flags, value: new Proxy(native, {apply: (_, self_, given) =>
      apply(native, self_, given), get})});
  };

  const traced = (input, init) => {
    const request = input instanceof Request ? input : null;
    if (!own(request ? request.url : input)) return null;
    const headers = new Headers(init?.headers ?? request?.headers);
    if (headers.has(NAME)) return null;
    headers.set(NAME, header());
    const fields = {headers: {value: headers, enumerable: true}};
    if (request) {  // with any options, fetch ignores these two members of the request
      if (init?.referrer === undefined) fields.referrer = {value: request.referrer, enumerable: true};
      if (init?.referrerPolicy === undefined) fields.referrerPolicy = {value: request.referrerPolicy, enumerable: true};
    }
    return Object.create(init ?? null, fields);  // all other members are read from `init`
  };
  stand(self, 'fetch', (native, self_, given) => {
    let init = null;
    try {
      if (given.length) init = traced(given[0], given[1]);
    } catch {
      // the browser itself reports invalid arguments
    }
    return Reflect.apply(native, self_, init ? [given[0], init, ...given.slice(2)] : given);
  });

  const waiting = new WeakMap();  // request → whether it still needs the header
  const {setRequestHeader} = XMLHttpRequest.prototype;
  stand(XMLHttpRequest.prototype, 'open', (native, self_, given) => {
    const opened = Reflect.apply(native, self_, given);
    waiting.set(self_, own(given[1]));
    return opened;
  });
  stand(XMLHttpRequest.prototype, 'setRequestHeader', (native, self_, given) => {
    const set = Reflect.apply(native, self_, given);
    if (String(given[0]).toLowerCase() === NAME) waiting.set(self_, false);
    return set;
  });
  stand(XMLHttpRequest.prototype, 'send', (native, self_, given) => {
    if (waiting.get(self_)) {
      waiting.set(self_, false);
      Reflect.apply(setRequestHeader, self_, [NAME, header()]);
    }
    return Reflect.apply(native, self_, given);
  });
})
