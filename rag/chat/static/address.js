// The address names the tab, the conversation and what is shown of the library, so that a reload, a link, and the
// back and forward buttons lead there. Everything is read from the page itself; one part of the page does it for all.
if (element.querySelector('[data-router]')) route();

function route() {
  let aim = location.search;  // the address that is being restored; until the page is there, nothing is recorded
  let tries = 0;
  let first = true;
  let asked = '';  // what restoring last asked of the server, and when
  let when = 0;

  const tabs = () => [...document.querySelectorAll('#tabs [role=tab]')];
  const chosen = () => tabs().find((tab) => tab.getAttribute('aria-selected') === 'true');
  const slug = (tab) => tab?.textContent.trim().toLowerCase() ?? '';
  const shown = () => document.querySelector('#papers [data-place]')?.dataset.place ?? '';
  const conversation = () => document.querySelector('#current [data-address]')?.dataset.address ?? '';

  function here() {
    const query = new URLSearchParams();
    if (conversation()) query.set('c', conversation());
    const tab = slug(chosen());
    if (tab && tab !== 'ask') query.set('tab', tab);
    if (tab === 'library') new URLSearchParams(shown()).forEach((value, name) => query.set(name, value));
    return query.size ? `?${query}` : '';
  }

  // An address without what merely follows from its defaults, for comparison.
  function plain(search) {
    const query = new URLSearchParams(search);
    if (query.get('tab') === 'library' && [...query.keys()].every((name) => ['c', 'tab', 'library'].includes(name))) query.delete('library');
    if (query.get('tab') !== 'library') [...query.keys()].forEach((name) => { if (!['c', 'tab'].includes(name)) query.delete(name); });
    query.sort();
    return query.toString();
  }

  function note() {
    if (!chosen() || !document.querySelector('#current [data-address], #past .welcome')) return;
    const now = here();
    if (aim !== null) {
      if (plain(now) !== plain(aim)) return restore();
      // The page's own loading may have led here first: what the server was asked for comes later, and leads to a tab too.
      if (Date.now() - when < 2000) return;
      aim = null;
    }
    if (plain(now) === plain(location.search)) {
      first = false;
      return;
    }
    const go = first ? 'replaceState' : 'pushState';
    first = false;
    history[go](null, '', now || location.pathname);
  }

  function restore() {
    const wanted = new URLSearchParams(aim);
    if (document.querySelector('#past .missing')) { aim = null; return; }
    if ((wanted.get('c') ?? '') !== conversation()) return once(`c ${wanted.get('c')}`, () => trigger('open', { conversation: wanted.get('c') ?? '' }));
    const tab = wanted.get('tab') ?? 'ask';
    if (tab === 'library') {
      wanted.delete('c');
      wanted.delete('tab');
      return once(`${wanted}`, () => trigger('go', { place: wanted.toString() }));
    }
    const button = tabs().find((one) => slug(one) === tab);
    if (button && button !== chosen()) button.click();
    else aim = null;
  }

  // The page changes while it loads: ask the server again only if nothing happened for a while.
  function once(what, ask) {
    if (what === asked && Date.now() - when < 2000) return;
    tries += 1;
    if (tries > 4) { aim = null; return; }  // an address that leads nowhere
    asked = what;
    when = Date.now();
    ask();
    setTimeout(note, 2100);
  }

  addEventListener('popstate', () => {
    aim = location.search;
    tries = 0;
    asked = '';
    note();
  });
  // Who clicks or types in mid-restoring has gone elsewhere.
  for (const kind of ['pointerdown', 'keydown']) {
    document.addEventListener(kind, (event) => { if (event.isTrusted) aim = null; }, true);
  }
  let waiting = 0;
  new MutationObserver(() => {
    if (!waiting) waiting = setTimeout(() => { waiting = 0; note(); }, 60);
  }).observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ['aria-selected'] });
  note();
}
