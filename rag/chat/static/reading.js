// What helps to read: the cited sentence in view, past turns folded, the end of an answer announced, dark colours.
const PHONE = matchMedia('(max-width: 40rem)');
const CALM = matchMedia('(prefers-reduced-motion: reduce)');
const isCurrent = Boolean(element.closest('#current'));
const isPast = Boolean(element.closest('#past'));
let lastWhole = '';  // the turn whose whole answer is shown

// The turn that is shown, and what the reader opened or closed in it; or the earlier turns that are unfolded.
let shownTurn = '';
const opened = new Map();
const unfolded = new Set();
const turnOf = (part) => `${document.querySelector('#current [data-address]')?.dataset.address} ${part.closest('.turn').dataset.number}`;
const nameOf = (details) => details.dataset.source ?? details.dataset.kept ?? details.className;

watch('value', () => {
  if (isCurrent) {
    keepAsLeft();
    followAnswer();
  }
  localTimes();
  if (isPast) element.querySelectorAll('[data-fold]').forEach((fold) => unfold(fold, unfolded.has(turnOf(fold))));
});

// While an answer grows it is redrawn: what the reader lit, opened or closed stays so.
function keepAsLeft() {
  const turn = element.querySelector('.turn');
  if (!turn) return;
  if (turnOf(turn) !== shownTurn) {
    shownTurn = turnOf(turn);
    opened.clear();
    litBy = null;
    return;
  }
  turn.querySelectorAll('details').forEach((one) => { one.open = opened.get(nameOf(one)) ?? one.open; });
  // a paper that was opened as one of those found isn't folded away because the answer doesn't cite it
  turn.querySelectorAll('.considered:has(.source[open])').forEach((one) => { one.open = opened.get(nameOf(one)) ?? true; });
  if (!litBy || turn.querySelector('.lit')) return;
  const pins = [...turn.querySelectorAll('button.pin')];
  const pin = pins.find((one) => one.dataset.source === litBy.source && one.dataset.start === litBy.start);
  if (pin) showCited(pin);
}

element.addEventListener('click', (event) => {
  const details = event.target.closest('summary')?.parentElement;
  if (details && isCurrent) opened.set(nameOf(details), !details.open);
  const pin = event.target.closest('.pin');
  if (pin && isCurrent) opened.set(pin.dataset.source, true);
  const fold = event.target.closest('[data-fold]');
  if (!fold) return;
  const open = fold.getAttribute('aria-expanded') !== 'true';
  if (open) unfolded.add(turnOf(fold)); else unfolded.delete(turnOf(fold));
  unfold(fold, open);
});

// An earlier turn is folded to its question; a click on that shows its answer.
function unfold(fold, open) {
  fold.setAttribute('aria-expanded', String(open));
  fold.closest('.turn').classList.toggle('folded', !open);
}

// When an answer ends: announce it, and bring the first cited sentence into view in its panel. It may be whole when it
// is first shown, so what was asked here is awaited too. A conversation that is merely opened is not announced.
function followAnswer() {
  const turn = element.querySelector('.turn');
  const question = turn?.querySelector('.question').textContent.trim();
  if (turn?.matches('.running')) {
    awaited = question;
    return;
  }
  const whole = turn ? turnOf(turn) : '';
  if (turn && whole !== lastWhole && question === awaited) {
    awaited = '';
    announce(ending(turn));
    firstMark(turn);
  }
  lastWhole = whole;
}

// Times are stored in UTC, and shown in the reader's own.
function localTimes() {
  element.querySelectorAll('time').forEach((time) => {
    time.textContent = new Date(time.dateTime).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' });
  });
}

// Feedback was handed in: once it is kept, its form closes (closing.js); one that is refused stays as it was filled in.
element.addEventListener('submit', (event) => {
  if (event.target.dataset.event === 'feedback') event.target.dataset.sent = 'yes';
});

function ending(turn) {
  const problem = turn.querySelector('.declined');
  if (problem) return problem.textContent;
  const count = turn.querySelectorAll('.said').length;
  const sources = turn.querySelectorAll('.sources .source').length;
  const named = (number, word) => `${number} ${word}${number === 1 ? '' : 's'}`;
  return `Answer ready: ${named(count, 'sentence')} from ${named(sources, 'paper')}.`;
}

// A region of its own, outside of what is redrawn: readers announce only what changes in a region that they know.
function announce(words) {
  const announcement = document.querySelector('#route .announcement');
  announcement.textContent = '';
  setTimeout(() => { announcement.textContent = words; }, 50);
}

function firstMark(turn) {
  const panel = turn.querySelector('.sources');
  const mark = panel?.querySelector('.source[open] mark');
  if (!mark || panel.querySelector('.lit') || panel.scrollHeight <= panel.clientHeight) return;
  const below = mark.getBoundingClientRect().bottom - panel.getBoundingClientRect().bottom;
  if (below > 0) panel.scrollTop += below + 24;
}

// On a narrow screen the sources are far below: a tap on a number shows the quoted sentence at the foot of the window.
element.addEventListener('click', (event) => {
  const pin = event.target.closest('button.pin');
  if (pin && PHONE.matches && !pin.closest('.foot-note')) {
    event.stopImmediatePropagation();
    showQuote(pin);
  }
}, true);

function showQuote(pin) {
  document.querySelector('.foot-note')?.remove();
  const note = document.createElement('section');
  note.className = `foot-note ${pin.className}`;
  note.classList.remove('pin', 'chosen');
  note.setAttribute('aria-label', 'Cited sentence');
  note.tabIndex = -1;
  const words = document.createElement('div');
  words.append(...[...pin.querySelector('.tip').childNodes].map((node) => node.cloneNode(true)));
  const links = document.createElement('p');
  const open = button('Show in the abstract', () => { close(false); light(pin); });
  links.append(open, button('Close', () => close(true)));
  note.append(words, links);
  note.addEventListener('keydown', (event) => { if (event.key === 'Escape') close(true); });
  pin.closest('.pincite').append(note);
  note.focus({ preventScroll: true });

  function close(back) {
    note.remove();
    if (back) pin.focus();
  }
  function button(label, act) {
    const made = document.createElement('button');
    made.type = 'button';
    made.className = 'quiet';
    made.textContent = label;
    made.addEventListener('click', act);
    return made;
  }
}

// A tip near the right edge of the window opens to the left, one close below the head downwards.
for (const kind of ['pointerover', 'focusin']) {
  element.addEventListener(kind, (event) => {
    const pin = event.target.closest?.('button.pin');
    const tip = pin?.querySelector('.tip');
    if (!tip) return;
    tip.style.left = '';
    const at = pin.getBoundingClientRect();
    const above = at.top - document.querySelector('#tabs > .tab-wrapper').getBoundingClientRect().bottom;
    const below = document.querySelector('#composer').getBoundingClientRect().top - at.bottom;
    tip.classList.toggle('below', tip.offsetHeight + 8 > above && below > above);
    const over = tip.getBoundingClientRect().right - (document.documentElement.clientWidth - 8);
    if (over > 0) tip.style.left = `${tip.offsetLeft - over}px`;
  });
}

// Dark or light colours: the system's choice, until somebody makes another here. Lines are closer for who asks for it.
element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-look], [data-close]');
  if (!button) return;
  const on = button.getAttribute('aria-pressed') === 'true';
  if ('look' in button.dataset) localStorage.setItem('pincite-look', on ? 'light' : 'dark');
  else localStorage.setItem('pincite-lines', on ? 'wide' : 'close');
  dress();
});

function dress() {
  const chosen = localStorage.getItem('pincite-look');
  if (chosen) document.body.classList.toggle('dark', chosen === 'dark');
  const lines = localStorage.getItem('pincite-lines') ?? 'wide';
  element.closest('.contain > .column').dataset.lines = lines;
  const press = (which, on) => element.querySelector(which).setAttribute('aria-pressed', String(on));
  press('[data-look]', document.body.classList.contains('dark'));
  press('[data-close]', lines === 'close');
}
if (element.querySelector('[data-look]')) {
  dress();
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => setTimeout(dress));
  // Paper is white: what is printed has light colours, whatever the screen has.
  const printing = matchMedia('print');
  let wasDark = false;
  printing.addEventListener('change', () => {
    if (printing.matches) wasDark = document.body.classList.contains('dark');
    document.body.classList.toggle('dark', wasDark && !printing.matches);
  });
  // Gradio makes the head of a message a button with another in it, which screen readers can't distinguish.
  new MutationObserver(() => {
    document.querySelectorAll('.toast-header[role]').forEach((head) => {
      head.removeAttribute('role');
      head.removeAttribute('tabindex');
      head.removeAttribute('aria-expanded');
      head.removeAttribute('aria-label');
    });
  }).observe(document.body, { subtree: true, childList: true });
}
