// Runs once for each part of the page (`element`); `trigger` hands an event to the server. Everything is delegated:
// what a part shows comes and goes while an answer is written.
const EVENTS = [
  'ask', 'only', 'like', 'clear', 'bring', 'open', 'rename', 'delete', 'export', 'correct', 'restore', 'remove', 'year',
  'turn_to', 'earlier', 'table', 'dismiss',
];
let newest = '';
let litBy = null;  // the pin that lit a sentence
let awaited = '';  // the question that was asked last, until its answer is whole

element.addEventListener('click', (event) => {
  const button = event.target.closest('button');
  if (!button) return;
  if (button.matches('.pin')) light(button);
  if ('copy' in button.dataset) copy(button);
  if ('reveal' in button.dataset) reveal(button);
  if ('sides' in button.dataset) showSides(button);
  if ('back' in button.dataset) goBack(button);
  if ('edit' in button.dataset) write(button.dataset.edit);
  if (EVENTS.includes(button.dataset.event) && isSure(button)) trigger(button.dataset.event, { ...button.dataset });
});

element.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && event.target.matches('mark')) goBack(event.target);
});

element.addEventListener('submit', (event) => {
  const form = event.target.closest('form[data-event]');
  if (!form) return;
  event.preventDefault();
  trigger(form.dataset.event, { ...form.dataset, ...Object.fromEntries(new FormData(form)) });
});

watch('value', () => {
  const named = element.querySelector('[data-address]');
  if (!named) return;
  showNewest(named.dataset.address);
});

// A new question comes to the top of the window; its answer then grows below it.
function showNewest(conversation) {
  const turn = element.querySelector('.turn');
  const name = turn ? `${conversation} ${turn.getAttribute('aria-label')}` : '';
  if (name && name !== newest) {
    if (document.querySelector('#past .turn')) turn.scrollIntoView({ block: 'start' });
    emptyBox(turn.querySelector('.question').textContent);
    // redrawn, the button that asked may be another of the same name, below the answer
    if (document.activeElement?.matches('#current [data-event=ask]')) turn.querySelector('.question').focus({ preventScroll: true });
  }
  newest = name;
}

// What was asked leaves the message box; what was typed since stays.
function emptyBox(question) {
  const box = document.querySelector('#message textarea');
  if (box.value.trim() === question.trim()) fill(box, '');
}

// A question to be asked in other words goes into the message box.
function write(question) {
  const box = document.querySelector('#message textarea');
  fill(box, question);
  box.focus();
}

function fill(box, text) {
  box.value = text;
  box.dispatchEvent(new Event('input', { bubbles: true }));
}

// Open the paper that a pin names, light the sentence that it stands for, and go there.
function light(pin) {
  const sentence = showCited(pin);
  if (!sentence) return;
  litBy = { ...pin.dataset };
  const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
  sentence.scrollIntoView({ block: 'nearest', behavior: calm ? 'auto' : 'smooth' });
  sentence.focus({ preventScroll: true });
}

function showCited(pin) {
  const turn = pin.closest('.turn');
  const source = [...turn.querySelectorAll('details.source')].find((s) => s.dataset.source === pin.dataset.source);
  if (!source) return undefined;
  turn.querySelectorAll('.lit, .chosen').forEach((e) => e.classList.remove('lit', 'chosen'));
  source.open = true;
  source.parentElement.closest('details')?.setAttribute('open', '');
  pin.classList.add('chosen');
  const marks = [...source.querySelectorAll('mark')];
  const start = Number(pin.dataset.start);
  const sentence = marks.find((m) => Number(m.dataset.start) === start)
    ?? marks.findLast((m) => Number(m.dataset.start) <= start);
  sentence?.classList.add('lit');
  return sentence;
}

// What can't be undone is asked twice.
function isSure(button) {
  if (!button.dataset.sure || button.dataset.asked) return true;
  button.dataset.asked = 'yes';
  const label = button.textContent;
  button.textContent = button.dataset.sure;
  button.addEventListener('blur', () => { delete button.dataset.asked; button.textContent = label; }, { once: true });
  return false;
}

// From the lit sentence back to the number that led there.
function goBack(inside) {
  const turn = inside.closest('.turn');
  const pin = turn.querySelector('.pin.chosen');
  turn.querySelectorAll('.lit, .chosen').forEach((e) => e.classList.remove('lit', 'chosen'));
  litBy = null;
  pin?.focus();
}

// Show the papers that support a sentence next to those that disagree.
function showSides(button) {
  const sides = button.closest('.answer').querySelector(`#sides-${button.dataset.sides}`);
  sides.hidden = !sides.hidden;
  button.setAttribute('aria-expanded', String(!sides.hidden));
}

function reveal(button) {
  const which = button.dataset.reveal ? `[data-event=${button.dataset.reveal}]` : '';
  const form = button.closest('li, details').querySelector(`form${which}`);
  form.hidden = !form.hidden;
  if (!form.hidden) form.querySelector('input, textarea').select();
}

async function copy(button) {
  const label = button.textContent;
  await navigator.clipboard.writeText(button.dataset.copy);
  button.textContent = 'Copied';
  setTimeout(() => { button.textContent = label; }, 1500);
}
