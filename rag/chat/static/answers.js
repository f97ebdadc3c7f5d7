// Answers: the table of evidence, and what is shown at once.
(() => {
const isLatest = Boolean(element.closest('#current'));

element.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-sort]');
  if (button) sortTable(button);
});

// Sort by a column; by the same one again, the other way round. Empty cells stay last.
function sortTable(button) {
  const head = button.closest('th');
  const up = head.getAttribute('aria-sort') !== 'ascending';
  head.closest('tr').querySelectorAll('th').forEach((th) => th.setAttribute('aria-sort', 'none'));
  head.setAttribute('aria-sort', up ? 'ascending' : 'descending');
  const body = head.closest('table').tBodies[0];
  const key = (row) => row.cells[head.cellIndex].dataset.key;
  const rows = [...body.rows].sort((one, other) => {
    const [a, b] = [key(one), key(other)];
    if (!a || !b) return Boolean(b) - Boolean(a);
    return (up ? 1 : -1) * a.localeCompare(b, undefined, { numeric: true });
  });
  body.append(...rows);
}

// At once: what was asked, before the server has heard of it.
const ANSWERED_BY = 20000;  // milliseconds; then the message that Gradio shows is all there is to say

function showAsked(question) {
  document.getElementById('asked')?.remove();
  if (!question.trim()) return;
  awaited = question.trim();
  const asked = document.createElement('div');
  asked.id = 'asked';
  asked.className = 'pincite';
  const heading = document.createElement('p');
  heading.className = 'question';
  heading.textContent = question.trim();
  const progress = document.createElement('p');
  progress.className = 'progress';
  progress.setAttribute('role', 'status');
  progress.innerHTML = '<span class="pulse" aria-hidden="true"></span>asking';
  asked.append(heading, progress);
  document.getElementById('current').after(asked);
  asked.scrollIntoView({ block: 'nearest' });
  setTimeout(() => asked.remove(), ANSWERED_BY);
}

// The seconds that an answer takes, counted from those that the server reports.
function countSeconds() {
  const shown = element.querySelector('.elapsed');
  if (!shown) return;
  shown.dataset.from ??= String(Date.now() - 1000 * Number(shown.dataset.elapsed));
  const seconds = Math.round((Date.now() - Number(shown.dataset.from)) / 1000);
  shown.textContent = seconds > 1 ? `${seconds} s` : '';
}

// Questions to ask next come after their answer, in a part of their own: put them below it if it is still the latest.
function offerNext() {
  const offered = document.querySelector('#next [data-next]');
  const turn = document.querySelector('#current .turn');
  const room = turn?.querySelector('.next');
  if (!room || !offered) return;
  const shown = document.querySelector('#current [data-address]')?.dataset.address;
  if (offered.dataset.next !== `${shown} ${turn.dataset.number}`) return;
  room.replaceChildren(...[...offered.children].map((part) => part.cloneNode(true)));
}

if (isLatest || element.closest('#next')) watch('value', offerNext);
if (isLatest) {
  watch('value', () => document.getElementById('asked')?.remove());
  setInterval(countSeconds, 500);
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    if (event.target.matches('#message textarea')) showAsked(event.target.value);
  }, true);
  document.addEventListener('click', (event) => {
    const button = event.target.closest('#message .submit-button, [data-event="ask"]');
    if (button) showAsked(button.dataset.question ?? document.querySelector('#message textarea').value);
  }, true);
}
})();
