/** The report is whole without this script, which adds a search of its queries and opens those that are pointed at. */
const field = document.getElementById("find");
const queries = [...document.querySelectorAll<HTMLDetailsElement>("details.query")];

if (field instanceof HTMLInputElement && queries.length > 1) {
  document.getElementById("find-field")?.removeAttribute("hidden");
  field.addEventListener("input", () => show(field.value));
  document.addEventListener("change", () => show(field.value));
}

/** Search for what is written in a query or in its documents. */
function show(sought: string): void {
  const words = sought.toLowerCase();
  for (const query of queries) query.hidden = !(query.textContent ?? "").toLowerCase().includes(words);
  const found = document.getElementById("found");
  const visible = queries.filter((query) => !query.hidden && query.closest(".comparison")?.checkVisibility());
  if (found) found.textContent = words === "" ? "" : visible.length === 1 ? "1 query" : `${visible.length} queries`;
}

addEventListener("hashchange", open);
open();

/** A bar of the plot points at a query, which may be folded or not among those that are shown. */
function open(): void {
  const query = document.getElementById(location.hash.slice(1));
  if (!(query instanceof HTMLDetailsElement)) return;
  query.hidden = false;
  query.open = true;
  const index = [...document.querySelectorAll(".comparison")].findIndex((part) => part.contains(query));
  const choice = document.getElementById(`compare-${index}`);
  if (choice instanceof HTMLInputElement) choice.checked = true;
  query.scrollIntoView({ block: "start" });
  query.querySelector("summary")?.focus({ preventScroll: true });
}
