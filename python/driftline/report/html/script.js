// Sorting, searching and opening; without it the page shows the same.
(() => {
"use strict";
for (const root of document.querySelectorAll(".driftline:not([data-ready])")) {
root.dataset.ready = "";
const table = root.querySelector(".overview");
if (!table) continue;
const body = table.tBodies[0];
const status = root.querySelector("[role=status]");
const cards = [...root.querySelectorAll(".card")];
// Sorting: each head gets a button.
const heads = [...table.querySelectorAll("thead th")];
heads.forEach((head, place) => {
if (!head.dataset.s) return;
const button = document.createElement("button");
button.type = "button";
button.append(head.firstChild);
head.prepend(button);
button.addEventListener("click", () => {
const was = head.getAttribute("aria-sort");
const sign = was ? (was === "ascending" ? -1 : 1) : Number(head.dataset.s);
for (const other of heads) other.removeAttribute("aria-sort");
head.setAttribute("aria-sort", sign > 0 ? "ascending" : "descending");
const key = (row) => row.cells[place].dataset.k;
const compare = (a, b) => key(a) === undefined
? a.cells[place].textContent.localeCompare(b.cells[place].textContent, undefined, {numeric: true})
: key(a) - key(b);
body.append(...[...body.rows].sort((a, b) => sign * compare(a, b)));
});
});
// Searching for names, beside the choice of verdicts.
const search = document.createElement("input");
search.type = "search";
search.placeholder = "Find a column";
search.setAttribute("aria-label", "Find a column");
root.querySelector(".tools").append(search);
const look = () => {
const word = search.value.trim().toLowerCase();
for (const row of body.rows) row.hidden = !row.cells[1].querySelector("bdi").textContent.toLowerCase().includes(word);
for (const card of cards) card.hidden = !card.querySelector("h3").textContent.toLowerCase().includes(word);
const chosen = root.querySelector(".tools input:checked")?.value ?? "all";
const shown = [...body.rows].filter((row) => !row.hidden && (chosen === "all" || row.dataset.v === chosen));
status.textContent = `${shown.length} of ${body.rows.length} columns shown`;
};
root.querySelector(".tools").addEventListener("input", look);
// A link to a column opens it, also where addresses are not the page's own.
root.addEventListener("click", (event) => {
const link = event.target.closest("a[href^='#']");
const target = link && document.getElementById(link.getAttribute("href").slice(1));
if (!target || !root.contains(target)) return;
const card = target.closest("details");
if (card) {
card.open = true;
event.preventDefault();
target.scrollIntoView();
target.focus({preventScroll: true});
}
});
}
})();
