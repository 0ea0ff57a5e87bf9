import { type Line, directionOf, pathOf } from "./lines.ts";

const svg = "http://www.w3.org/2000/svg";

/** The picture between a column and the next: a line for each document. The rows say the same in words. */
export class LinesView {
  readonly place = document.createElementNS(svg, "svg");
  #lines: readonly Line[] = [];

  constructor() {
    this.place.setAttribute("class", "lines");
    this.place.setAttribute("aria-hidden", "true");
  }

  /** Lines have no place before they are measured. */
  draw(lines: readonly Line[]): void {
    this.#lines = lines;
    const paths = lines.map((line) => {
      const path = document.createElementNS(svg, "path");
      path.setAttribute("data-document", String(line.document));
      const direction = directionOf(line);
      if (direction !== undefined) path.setAttribute("data-direction", direction);
      return path;
    });
    this.place.replaceChildren(...paths);
  }

  /** Joins the rows of `left` and of `right` where they are now. */
  measure(left: Element, right: Element): void {
    const { top, width } = this.place.getBoundingClientRect();
    const rows = { left: middlesOf(left, top), right: middlesOf(right, top), width };
    for (const [index, path] of [...this.place.children].entries()) {
      const line = this.#lines[index];
      if (line) path.setAttribute("d", pathOf(line, rows));
    }
  }
}

/** The middle of the number of each row, from the given height. */
function middlesOf(column: Element, from: number): readonly number[] {
  return [...column.querySelectorAll("[data-document] > .rank")].map((rank) => {
    const { top, height } = rank.getBoundingClientRect();
    return Math.round(top + height / 2 - from);
  });
}
