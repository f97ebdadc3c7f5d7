// Who works with the keyboard keeps their place. A part of the page that is redrawn, or a form that closes, takes the
// focused button with it, and the next Tab would begin at the top of the page again.
if (element.querySelector('[data-router]')) keepPlace();

function keepPlace() {
  let last = null;
  let inComposer = false;
  let byKey = false;
  let waiting = 0;

  // Where to go on when the button is gone: the tab that is open has one of them.
  const landings = ['#papers .count', '#current .question', '#past .welcome .example', '.kept .open', '#message textarea', '#said :is(input, textarea)'];
  const seen = (part) => part.isConnected && part.checkVisibility();
  // The same button, drawn anew.
  const name = (part) => JSON.stringify([part.tagName, part.getAttribute('aria-label') ?? part.textContent, { ...part.dataset, asked: '' }]);

  addEventListener('keydown', () => { byKey = true; }, true);
  addEventListener('pointerdown', () => { byKey = false; }, true);
  document.addEventListener('focusin', (event) => {
    last = event.target;
    inComposer = Boolean(last.closest('#composer'));
  });
  const changes = { subtree: true, childList: true, attributes: true, attributeFilter: ['hidden', 'open', 'style', 'class'] };
  new MutationObserver(() => { if (!waiting) waiting = setTimeout(check, 120); }).observe(document.body, changes);

  function check() {
    waiting = 0;
    const lost = !document.activeElement || document.activeElement === document.body;
    if (!lost || !byKey || !last || seen(last)) return;
    again(last)?.focus({ preventScroll: true });
  }

  function again(gone) {
    if (gone.dataset.event === 'ask') {  // what it asked is read next; until that is there, wait for it
      const question = document.querySelector('#current .question');
      if (question && seen(question)) return question;
      if (document.getElementById('asked')) return undefined;
    }
    const head = gone.isConnected ? gone.closest('details')?.querySelector('summary') : null;
    if (head && seen(head)) return head;
    const wanted = name(gone);
    const same = [...document.querySelectorAll(gone.tagName)].find((one) => seen(one) && name(one) === wanted);
    if (same && same !== gone) return same;
    const found = landings.map((where) => document.querySelector(where)).filter((one) => one && seen(one));
    return inComposer ? document.querySelector('#message textarea') : found[0];
  }
}
