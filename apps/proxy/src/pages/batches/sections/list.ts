import { element } from "../../browser/element.ts";
import { count, dollars } from "../../parts/amounts.ts";
import { type Column, table, tableBody } from "../../parts/table.ts";
import { button, named, quiet } from "../../parts/words.ts";
import type { Batch, Listed } from "../calls/objects.ts";
import { ageWords } from "../state/durations.ts";
import { firstBatchNotice } from "./first-batch.ts";
import type { Scene, View } from "./scene.ts";
import { batchMark, endedLines, hasEnded, shareDone } from "./state-words.ts";
import { type Pace, Watch } from "./watch.ts";

const pageSize = 25;

/** All batches that the key may see, newest first. @param upload where files are taken */
export async function batchList(scene: Scene, upload: HTMLElement): Promise<View> {
  const list = new BatchList(scene);
  await list.begin();
  return { title: "Batches", content: [upload, list.place], leave: () => list.watch.stop() };
}

class BatchList {
  readonly place = element("div", { class: "list" });
  readonly watch: Watch;
  readonly #scene: Scene;
  readonly #table: HTMLTableElement;
  readonly #previous = button("Newer", () => void this.#turn(this.#afters.slice(0, -1)));
  readonly #next = button("Older", () => void this.#turn([...this.#afters, this.#last]));
  readonly #pager = element("nav", { class: "pager", "aria-label": "Pages of batches" }, this.#previous, this.#next);
  /** Names of input files by their ids. */
  readonly #names = new Map<string, string>();
  /** The last ids of the pages before this one. */
  #afters: readonly string[] = [];
  #last = "";
  #shown = "";

  constructor(scene: Scene) {
    this.#scene = scene;
    this.watch = new Watch(scene, () => this.#look());
    this.#table = table("Batches", this.#columns(), []);
  }

  async begin(): Promise<void> {
    this.watch.begin(await this.#look());
  }

  async #look(): Promise<Pace> {
    const { client } = this.#scene;
    const afters = this.#afters;
    const found = await client.batches(pageSize, afters.at(-1));
    if (found.data.some(({ input_file_id: id }) => !this.#names.has(id))) await this.#readNames(found.data);
    // Turned meanwhile: what was found is of another page.
    if (afters === this.#afters) this.#show(found);
    return found.data.every(hasEnded) ? "still" : "running";
  }

  /** Older files than the newest have their ids for names, and so have those that were deleted. */
  async #readNames(batches: readonly Batch[]): Promise<void> {
    for (const { id, filename } of await this.#scene.client.files()) this.#names.set(id, filename);
    for (const { input_file_id: id } of batches) if (!this.#names.has(id)) this.#names.set(id, "");
  }

  #show({ data, has_more }: Listed<Batch>): void {
    const shown = JSON.stringify([data, data.map(({ created_at }) => age(created_at))]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#last = data.at(-1)?.id ?? "";
    if (data.length === 0 && this.#afters.length === 0) return this.place.replaceChildren(firstBatchNotice());
    const focused = this.place.contains(document.activeElement) ? document.activeElement?.getAttribute("href") : null;
    this.#table.tBodies[0]?.replaceWith(tableBody(this.#columns(), data));
    if (typeof focused === "string")
      this.#table.querySelector<HTMLElement>(`a[href="${CSS.escape(focused)}"]`)?.focus();
    this.#previous.setAttribute("aria-disabled", String(this.#afters.length === 0));
    this.#next.setAttribute("aria-disabled", String(!has_more));
    this.#pager.hidden = this.#afters.length === 0 && !has_more;
    if (!this.#table.isConnected) this.place.replaceChildren(this.#table, this.#pager);
  }

  async #turn(afters: readonly string[]): Promise<void> {
    const isNext = afters.length > this.#afters.length;
    if ((isNext ? this.#next : this.#previous).getAttribute("aria-disabled") === "true") return;
    this.#afters = afters;
    try {
      await this.#look();
    } catch (error) {
      this.#scene.complain(error);
    }
  }

  #columns(): readonly Column<Batch>[] {
    return [
      { head: "Batch", cell: (batch) => this.#link(batch) },
      { head: "State", cell: (batch) => batchMark(batch) },
      { head: "Model", cell: ({ model, status }) => (model === null ? quiet(unnamed(status)) : named(model)) },
      { head: "Lines done", cell: linesCell },
      { head: "Failed", isNumber: true, cell: ({ request_counts: { failed } }) => count(failed) },
      { head: "Cost", isNumber: true, cell: ({ cost }) => (cost === null ? "–" : dollars(cost)) },
      { head: "Made", cell: ({ created_at }) => age(created_at) },
    ];
  }

  #link({ id, input_file_id }: Batch): HTMLElement {
    const name = this.#names.get(input_file_id);
    const link = element("a", { href: `#${id}` }, named(name === undefined || name === "" ? id : name));
    return element("span", {}, link, element("small", {}, id));
  }
}

function linesCell(batch: Batch): HTMLElement {
  const { total } = batch.request_counts;
  if (total === 0) return quiet(hasEnded(batch) ? "none" : "being counted");
  const bar = element("span", { class: "bar", "aria-hidden": "true" }, element("span"));
  bar.style.setProperty("--length", String(shareDone(batch)));
  return element("span", { class: "done" }, `${count(endedLines(batch))} of ${count(total)}`, bar);
}

function unnamed(status: Batch["status"]): string {
  return status === "validating" || status === "failed" ? "not known" : "several";
}

function age(createdAt: number): string {
  return ageWords(Date.now() / 1_000 - createdAt);
}
