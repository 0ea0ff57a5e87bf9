import { element, find } from "../../browser/element.ts";

/** On a small screen columns are swiped: buttons with their names lead to each, and say which one is in sight. */
export class ColumnChooser {
  readonly #place = find("columns", HTMLElement);
  #seen: IntersectionObserver | undefined;

  /** @param columns those that can be chosen; fewer than two need no choice */
  offer(columns: readonly { readonly asked: string; readonly view: { readonly place: HTMLElement } }[]): void {
    this.#seen?.disconnect();
    this.#place.hidden = columns.length < 2;
    const buttons = columns.map(({ asked, view: { place } }) => {
      const button = element("button", { type: "button" }, asked);
      button.addEventListener("click", () => place.scrollIntoView({ inline: "start", block: "nearest" }));
      return [place, button] as const;
    });
    this.#place.replaceChildren(...buttons.map(([, button]) => button));
    const buttonOf = new Map<Element, HTMLElement>(buttons);
    this.#seen = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries)
          buttonOf.get(target)?.setAttribute("aria-current", String(isIntersecting));
      },
      { root: find("ranking", HTMLElement), rootMargin: "100000px 0px", threshold: 0.75 },
    );
    for (const [place] of buttons) this.#seen.observe(place);
  }
}
