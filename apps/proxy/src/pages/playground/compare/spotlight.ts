/** Marks a document in every column, with its lines, while a mouse or the focus is on one of its rows. */
export function followDocument(ranking: HTMLElement): void {
  const light = (target: EventTarget | null): void => {
    const row = target instanceof Element ? target.closest<HTMLElement>("li[data-document]") : null;
    for (const lit of ranking.querySelectorAll("[data-lit]")) lit.removeAttribute("data-lit");
    const document = row?.dataset["document"];
    if (document === undefined) return;
    for (const each of ranking.querySelectorAll(`[data-document="${document}"]`)) each.setAttribute("data-lit", "");
  };
  ranking.addEventListener("pointerover", ({ target }) => light(target));
  ranking.addEventListener("pointerleave", () => light(document.activeElement));
  ranking.addEventListener("focusin", ({ target }) => light(target));
  ranking.addEventListener("focusout", ({ relatedTarget }) => light(relatedTarget));
}
