// Measures the web vitals of one visit of a page, and reports them whenever they change, so that a page that navigates
// away, or crashes, loses at most its last moment. The page can notice only the listeners on its window.
// Evaluated as a function of {binding, reportEvent} before any script of a page, in each of its frames: `binding` is the
// name of the function that receives the figures as JSON, `reportEvent` that of an event that requests a report after
// the next paint.
(({binding, reportEvent}) => {
  const send = self[binding];
  delete self[binding];
  if (!send || self !== self.top || !location.protocol.startsWith('http')) return;
  const {JSON, Map, Math, PerformanceObserver, Promise, performance, requestAnimationFrame, setTimeout} = self;
  const MAX_WAIT_MS = 500;  // for a page that does not paint any more
  const supported = PerformanceObserver.supportedEntryTypes;
  const visit = {id: `${performance.timeOrigin}/${Math.random()}`, started_ms: performance.timeOrigin, url: location.href};
  let lcp = null, over = false, lastReport = '';

  const navigation = () => performance.getEntriesByType('navigation')[0];
  // a prerendered page counts from its activation
  const since = at => Math.max(at - (navigation()?.activationStart ?? 0), 0);

  // CLS: the largest of the windows of shifts that follow each other within 1 s, 5 s in all (web.dev/articles/cls)
  let cls = supported.includes('layout-shift') ? 0 : null;
  const shifts = {sum: 0, first: 0, last: -Infinity};
  const onShift = ({hadRecentInput, startTime, value}) => {
    if (hadRecentInput) return;
    if (startTime - shifts.last >= 1000 || startTime - shifts.first >= 5000) Object.assign(shifts, {sum: 0, first: startTime});
    shifts.sum += value;
    shifts.last = startTime;
    cls = Math.max(cls, shifts.sum);
  };

  // INP: the slowest interaction; of each 50, one is left out (web.dev/articles/inp)
  const interactions = new Map();
  const onEvent = ({interactionId, duration}) => {
    if (interactionId) interactions.set(interactionId, Math.max(duration, interactions.get(interactionId) ?? 0));
  };
  const inp = () => {
    const slowest = [...interactions.values()].sort((one, other) => other - one);
    const count = performance.interactionCount ?? slowest.length;
    return slowest.length ? slowest[Math.min(slowest.length - 1, Math.floor(count / 50))] : null;
  };

  const report = () => {
    if (over) return;
    const first = navigation()?.responseStart;
    const now = JSON.stringify({...visit, lcp_ms: lcp, inp_ms: inp(), cls, ttfb_ms: first ? since(first) : null});
    if (now !== lastReport) send(lastReport = now).catch(() => {});  // the receiver may be gone
  };
  const observers = [];
  const observe = (type, take, options) => {
    if (!supported.includes(type)) return () => {};
    const observer = new PerformanceObserver(list => { list.getEntries().forEach(take); report(); });
    observer.observe({type, buffered: true, ...options});
    const drain = () => observer.takeRecords().forEach(take);
    observers.push(drain);
    return () => { drain(); observer.disconnect(); };
  };
  const settleLcp = observe('largest-contentful-paint', ({startTime}) => { lcp = since(startTime); });
  observe('layout-shift', onShift);
  observe('first-input', onEvent);
  observe('event', onEvent, {durationThreshold: 16});
  const drain = () => { observers.forEach(each => each()); report(); };

  // paints after the first input are caused by the input
  for (const type of ['keydown', 'pointerdown']) {
    addEventListener(type, ({isTrusted}) => { if (isTrusted) settleLcp(); }, {capture: true, passive: true});
  }
  addEventListener('visibilitychange', () => { if (document.visibilityState === 'hidden') { settleLcp(); drain(); } },
    {capture: true});
  addEventListener('pagehide', () => { drain(); over = true; }, {capture: true});
  addEventListener(reportEvent, event => {
    event.stopImmediatePropagation();
    event.detail.reported = new Promise(done => {
      setTimeout(done, MAX_WAIT_MS);
      // the duration of an interaction is known after its result is painted
      requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done)));
    }).then(drain);
  }, {capture: true});
  report();
})
