
// --- answers ---

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
