// Gives what a page asks of its own origin the trace context of the scenario, and changes nothing else that a page
// can see: no other origin (it would begin to ask for leave, by a preflight), no request that sets its own context.
// Evaluated as a function of {traceId, origins, theirs} before any script of a page, in each of its frames.
(({traceId, origins, theirs}) => {
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
      return to.origin === self.origin && !theirs.some(prefix => below(to.href, prefix));
    } catch {
      return false;  // the browser itself will say what is wrong with it
    }
  };
  // A proxy keeps name, length and property flags of what it stands for, and is as native to whoever prints it.
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
    if (request) {  // any options at all would make fetch forget these two of the request
      if (init?.referrer === undefined) fields.referrer = {value: request.referrer, enumerable: true};
      if (init?.referrerPolicy === undefined) fields.referrerPolicy = {value: request.referrerPolicy, enumerable: true};
    }
    return Object.create(init ?? null, fields);  // whatever else `init` has, or is, is read through it
  };
  stand(self, 'fetch', (native, self_, given) => {
    let init = null;
    try {
      if (given.length) init = traced(given[0], given[1]);
    } catch {
      // what is wrong with the arguments is the browser's to say
    }
    return Reflect.apply(native, self_, init ? [given[0], init, ...given.slice(2)] : given);
  });

  const waiting = new WeakMap();  // request → whether it still wants a header
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
