import { find, setText } from "../../browser/element.ts";

/** Results on a page: what one still looks through, and a page of bounded height. */
export const pageSize = 25;

/** Leads through the pages of a ranking, with buttons or by the number of a rank or a document. */
export class Pager {
  readonly #place = find("pager", HTMLElement);
  readonly #number = find("go-number", HTMLInputElement);
  readonly #kind = find("go-kind", HTMLSelectElement);
  readonly #turned: (focusRank?: number) => void;
  #first = 0;
  #count = 0;
  /** Rank by index of document, from 0. */
  #ranks: ReadonlyMap<number, number> = new Map();

  /** @param turned called when another page is wanted, with the rank that was asked for by number */
  constructor(turned: (focusRank?: number) => void) {
    this.#turned = turned;
    this.#onClick("page-first", () => 0);
    this.#onClick("page-previous", () => this.#first - pageSize);
    this.#onClick("page-next", () => this.#first + pageSize);
    this.#onClick("page-last", () => this.#lastPage());
    find("go", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      this.#go();
    });
  }

  /** The rank that the page begins with, from 0. */
  get first(): number {
    return this.#first;
  }

  /** Begins at the first page of a new answer. */
  reset(count: number, ranks: ReadonlyMap<number, number>): void {
    this.#count = count;
    this.#ranks = ranks;
    this.#first = 0;
    this.#number.value = "";
    setText("go-problem", "");
    this.#draw();
  }

  /** Keeps the page while further answers arrive. */
  update(count: number, ranks: ReadonlyMap<number, number>): void {
    this.#count = count;
    this.#ranks = ranks;
    this.#first = Math.min(this.#first, this.#lastPage());
    this.#draw();
  }

  #onClick(id: string, target: () => number): void {
    find(id, HTMLButtonElement).addEventListener("click", () => {
      const first = Math.min(Math.max(0, target()), this.#lastPage());
      if (first === this.#first) return;
      this.#first = first;
      this.#draw();
      this.#turned();
    });
  }

  #go(): void {
    const number = this.#number.valueAsNumber;
    const rank = this.#kind.value === "rank" ? number - 1 : this.#ranks.get(number - 1);
    const isThere = rank !== undefined && rank >= 0 && rank < this.#count;
    setText("go-problem", isThere ? "" : `There is no ${this.#kind.value} ${this.#number.value} in this ranking.`);
    if (!isThere) return;
    this.#first = rank - (rank % pageSize);
    this.#draw();
    this.#turned(rank);
  }

  #lastPage(): number {
    return Math.max(0, this.#count - 1 - ((this.#count - 1) % pageSize));
  }

  #draw(): void {
    this.#place.hidden = this.#count <= pageSize;
    const last = Math.min(this.#first + pageSize, this.#count);
    find("page-position", HTMLElement).textContent =
      `${this.#first + 1}–${last} of ${this.#count.toLocaleString("en")}`;
    // A button that is disabled would lose the focus of somebody who turns pages with the keyboard.
    for (const id of ["page-first", "page-previous"]) this.#mark(id, this.#first === 0);
    for (const id of ["page-next", "page-last"]) this.#mark(id, last === this.#count);
  }

  #mark(id: string, isEnd: boolean): void {
    find(id, HTMLButtonElement).setAttribute("aria-disabled", String(isEnd));
  }
}
