// Runs once for each part of the page (`element`); `trigger` hands an event to the server. Everything is delegated:
// what a part shows comes and goes while an answer is written.
const EVENTS = ['ask', 'only', 'like', 'clear', 'open', 'rename', 'delete', 'export', 'remove', 'year', 'turn_to'];

element.addEventListener('click', (event) => {
  const button = event.target.closest('button');
  if (!button) return;
  if (button.matches('.pin')) light(button);
  if ('copy' in button.dataset) copy(button);
  if ('rename' in button.dataset) rename(button);
  if (EVENTS.includes(button.dataset.event) && isSure(button)) trigger(button.dataset.event, { ...button.dataset });
});

element.addEventListener('submit', (event) => {
  const form = event.target.closest('form[data-event]');
  if (!form) return;
  event.preventDefault();
  trigger(form.dataset.event, { ...form.dataset, ...Object.fromEntries(new FormData(form)) });
});

// The address names the conversation, so that a reload, or another tab, finds it again.
watch('value', () => {
  const named = element.querySelector('[data-address]');
  if (named) history.replaceState(null, '', named.dataset.address ? `?c=${named.dataset.address}` : location.pathname);
});

// Open the paper that a pin names, and light the sentence that it stands for.
function light(pin) {
  const turn = pin.closest('.turn');
  const source = [...turn.querySelectorAll('details.source')].find((s) => s.dataset.source === pin.dataset.source);
  if (!source) return;
  turn.querySelectorAll('.lit, .chosen').forEach((e) => e.classList.remove('lit', 'chosen'));
  source.open = true;
  pin.classList.add('chosen');
  const marks = [...source.querySelectorAll('mark')];
  const start = Number(pin.dataset.start);
  const sentence = marks.find((m) => Number(m.dataset.start) === start)
    ?? marks.findLast((m) => Number(m.dataset.start) <= start);
  if (!sentence) return;
  sentence.classList.add('lit');
  const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
  sentence.scrollIntoView({ block: 'center', behavior: calm ? 'auto' : 'smooth' });
  sentence.focus({ preventScroll: true });
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

function rename(button) {
  const form = button.closest('li').querySelector('form');
  form.hidden = !form.hidden;
  if (!form.hidden) form.elements.title.select();
}

async function copy(button) {
  const label = button.textContent;
  await navigator.clipboard.writeText(button.dataset.copy);
  button.textContent = 'Copied';
  setTimeout(() => { button.textContent = label; }, 1500);
}
