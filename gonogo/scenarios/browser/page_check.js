// Returns what a page shows, which images are broken, and its links. Called after loading; changes nothing.
(async ({maxImages, maxLinks, decodeMs}) => {
  const html = /^(text\/html|application\/xhtml\+xml)$/.test(document.contentType);
  const hidden = new Set(['STYLE', 'SCRIPT', 'TEMPLATE', 'NOSCRIPT']);
  const shown = element => hidden.has(element.tagName) ? 0 : (element.innerText || '').trim().length;
  const inShadows = root => [...root.querySelectorAll('*')].filter(element => element.shadowRoot).reduce(
    (sum, {shadowRoot}) => sum + [...shadowRoot.children].reduce((part, child) => part + shown(child), 0)
                               + inShadows(shadowRoot), 0);
  const decoded = image => Promise.race([
    image.decode().then(() => true, () => false), new Promise(over => setTimeout(over, decodeMs, true))]);
  const suspicious = [...document.images].filter(
    image => image.complete && image.currentSrc && !image.naturalWidth).slice(0, maxImages);
  const broken = (await Promise.all(suspicious.map(async image => await decoded(image) ? '' : image.currentSrc)))
    .filter(Boolean);
  const links = [...document.querySelectorAll('a[href]')].filter(
    link => !link.hasAttribute('download') && !link.relList.contains('nofollow'));
  return {html, characters: document.body ? shown(document.body) + inShadows(document.body) : 0, broken,
          links: links.slice(0, maxLinks).map(link => String(link.href))};
})
