// Selecting papers of the library's list: a selection lasts while pages are turned and other words are searched.
EVENTS.push('show', 'questions');
const OF_SEVERAL = ['only_these', 'export_these', 'remove_these'];
const picked = new Set();

element.addEventListener('change', (event) => {
  if (event.target.matches('.pick')) pick([event.target], event.target.checked);
  if (event.target.matches('.pick-page')) pick(element.querySelectorAll('.pick'), event.target.checked);
});

element.addEventListener('click', (event) => {
  const button = event.target.closest('button');
  if (!button) return;
  if ('unpick' in button.dataset) { picked.clear(); showPicked(); }
  if (!OF_SEVERAL.includes(button.dataset.picked) || !isSure(button)) return;
  trigger(button.dataset.picked, { ...button.dataset, papers: JSON.stringify([...picked]) });
  if (button.dataset.picked === 'remove_these') picked.clear();
});

// Another page of the list is read from its top.
let turned = false;
element.addEventListener('click', (event) => { turned ||= Boolean(event.target.closest('[data-event=turn_to]')); });

watch('value', () => {
  showPicked();
  const top = turned ? element.querySelector('.count') : null;
  top?.scrollIntoView({ block: 'start' });
  top?.focus({ preventScroll: true });
  turned = false;
});

function pick(boxes, chosen) {
  boxes.forEach((box) => { if (chosen) picked.add(box.value); else picked.delete(box.value); });
  showPicked();
}

function showPicked() {
  const boxes = [...element.querySelectorAll('.pick')];
  const bar = element.querySelector('.picked');
  if (!bar) return;
  boxes.forEach((box) => { box.checked = picked.has(box.value); });
  const here = boxes.filter((box) => box.checked).length;
  const page = bar.querySelector('.pick-page');
  page.checked = here === boxes.length;
  page.indeterminate = here > 0 && here < boxes.length;
  bar.querySelector('.chosen-ones').hidden = picked.size === 0;
  bar.querySelector('.how-many').textContent = `${picked.size} selected`;
}

// Stars and notes are shown here at once: redrawing the list would close what is open.
EVENTS.push('note');
element.addEventListener('click', (event) => {
  const star = event.target.closest('button[data-star]');
  if (!star) return;
  const starred = star.getAttribute('aria-pressed') !== 'true';
  star.setAttribute('aria-pressed', String(starred));
  trigger('star', { paper: star.dataset.paper, starred: String(starred) });
});

element.addEventListener('submit', (event) => {
  const form = event.target;
  if (form.dataset.event !== 'note') return;
  form.closest('details').querySelector('.own-note').textContent = form.elements.note.value.trim();
  form.hidden = true;
});
