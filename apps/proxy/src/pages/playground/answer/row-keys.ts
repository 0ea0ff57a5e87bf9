/**
 * Arrows lead from row to row, and from column to column at the same rank. Only one row is a stop of the tab key,
 * because a page has up to a hundred.
 */
export function leadThroughRows(ranking: HTMLElement): void {
  ranking.addEventListener("focusin", ({ target }) => {
    const row = target instanceof Element ? target.closest<HTMLElement>("li[data-rank]") : null;
    if (row) stopAt(ranking, row);
  });
  ranking.addEventListener("keydown", (event) => {
    const row = event.target;
    // Within a row arrows belong to what has the focus there.
    if (!(row instanceof HTMLElement) || !row.matches("li[data-rank]") || event.ctrlKey || event.altKey) return;
    const next = neighbour(ranking, row, event.key);
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
}

/** Makes this row, or else the first one, the stop of the tab key. */
export function stopAt(
  ranking: HTMLElement,
  stop: HTMLElement | null = ranking.querySelector<HTMLElement>("li[data-rank]"),
): void {
  for (const row of ranking.querySelectorAll('li[tabindex="0"]')) row.setAttribute("tabindex", "-1");
  stop?.setAttribute("tabindex", "0");
}

function neighbour(ranking: HTMLElement, row: HTMLElement, key: string): HTMLElement | undefined {
  const lists = [...ranking.querySelectorAll("ol.results:not([aria-hidden])")].map((list) =>
    Array.from(list.querySelectorAll<HTMLElement>("li[data-rank]")),
  );
  const column = lists.findIndex((rows) => rows.includes(row));
  const position = lists[column]?.indexOf(row) ?? 0;
  switch (key) {
    case "ArrowDown":
      return lists[column]?.[position + 1];
    case "ArrowUp":
      return lists[column]?.[position - 1];
    case "ArrowRight":
      return lists[column + 1]?.[position] ?? lists[column + 1]?.at(-1);
    case "ArrowLeft":
      return lists[column - 1]?.[position] ?? lists[column - 1]?.at(-1);
    default:
      return undefined;
  }
}
