// Runs once for each part of the page that shows turns (`element`); `trigger` hands an event to the server.
// Everything is delegated: the turns come and go while an answer is written.
element.addEventListener('click', (event) => {
  const example = event.target.closest('[data-ask]');
  if (example) trigger('ask', { question: example.dataset.ask });
  const pin = event.target.closest('button.pin');
  if (pin) light(pin);
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
