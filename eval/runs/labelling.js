"use strict";
const page = document.querySelector("form");
const rows = JSON.parse(document.querySelector("#sentences").textContent);
const kept = `pincite labels ${page.dataset.run}`;

function labels() {
  const given = new FormData(page);
  return rows.map((row, place) => ({ ...row, label: given.get(`label${place}`) })).filter((row) => row.label);
}

function count() {
  document.querySelector("output").textContent = `${labels().length} of ${rows.length} labelled`;
}

// A page read from a file may have no storage: then the labels last as long as the page is open.
function remembered() {
  try {
    return JSON.parse(localStorage.getItem(kept)) ?? {};
  } catch {
    return {};
  }
}

function remember() {
  try {
    localStorage.setItem(kept, JSON.stringify(Object.fromEntries(labels().map((row) => [row.id, row.label]))));
  } catch {}
  count();
}

function save(event) {
  event.preventDefault();
  const lines = labels().map((row) => JSON.stringify(row) + "\n");
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(lines, { type: "application/jsonl" }));
  link.download = page.dataset.file;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

for (const [place, row] of rows.entries()) {
  const label = remembered()[row.id];
  if (label && page.elements[`label${place}`].value === "") page.elements[`label${place}`].value = label;
}
page.addEventListener("change", remember);
page.addEventListener("submit", save);
count();
