// Keys for the queue: j and k move, s, d and x decide, o opens, t chooses. All of it works without them, too.
"use strict";

const rows = [...document.querySelectorAll("[data-row]")];
let current = -1;

const select = (place) => {
  if (!rows.length) return;
  rows[current]?.removeAttribute("aria-selected");
  current = Math.max(0, Math.min(place, rows.length - 1));
  rows[current].setAttribute("aria-selected", "true");
  rows[current].querySelector("a")?.focus({ preventScroll: true });
  rows[current].scrollIntoView({ block: "nearest" });
};

const press = (name) => {
  const here = rows[current] ?? document;
  here.querySelector(`[data-key="${name}"]`)?.click();
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches("input:not([type=checkbox]), textarea, select")) return;
  const act = { j: () => select(current + 1), k: () => select(current - 1), s: () => press("s"), d: () => press("d"),
    x: () => press("x"), t: () => press("t"), o: () => press("o") }[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

// Whoever decided from the queue goes on where they were.
const start = Number(new URLSearchParams(location.search).get("at") ?? -1);
if (start >= 0) select(start);

for (const box of document.querySelectorAll("[data-all]")) {
  box.addEventListener("change", () => {
    for (const one of document.querySelectorAll(`input[name="${box.dataset.all}"]`)) one.checked = box.checked;
  });
}
