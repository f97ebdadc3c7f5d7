"use strict";
const page = document.querySelector("form");
const rows = JSON.parse(document.querySelector("#rows").textContent);
const kept = `pincite labels ${page.dataset.run}`;
const flags = { true: true, false: false };

function chosen(given, names) {
  return names.map((name) => given.get(name)).map((value) => flags[value] ?? value);
}

// A row counts once all of its choices are made.
function labels() {
  const given = new FormData(page);
  return rows
    .filter((row) => Object.values(row.asked).flat().every((name) => given.get(name)))
    .map(({ asked, ...row }) => {
      const values = Object.entries(asked).map(([key, names]) => [key, chosen(given, names)]);
      return { ...row, ...Object.fromEntries(values.map(([key, all]) => [key, key === "label" ? all[0] : all])) };
    });
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
    localStorage.setItem(kept, JSON.stringify(Object.fromEntries(new FormData(page))));
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

for (const [name, value] of Object.entries(remembered())) {
  if (page.elements[name]?.value === "") page.elements[name].value = value;
}
page.addEventListener("change", remember);
page.addEventListener("submit", save);
count();
