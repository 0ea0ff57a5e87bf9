import type { TypedDocument } from "../../code/request-body.ts";
import { element, find, setText } from "../../browser/element.ts";
import type { PageState } from "../state/page-state.ts";
import { type Table, parseCsv } from "./parse-csv.ts";
import { mostFileBytes, readFile } from "./read-file.ts";

/** Where the content of a file goes. */
export interface FileTarget {
  takeDocuments(documents: readonly TypedDocument[]): void;
  takeState(state: PageState): void;
}

/** Reads a file that is chosen or dropped on the form. Of a table the user chooses the column. */
export function acceptFiles(target: FileTarget): void {
  new FilePicker(target).listen();
}

const everyColumn = "";

class FilePicker {
  readonly #target: FileTarget;
  readonly #place = find("documents-field", HTMLElement);
  readonly #input = find("file", HTMLInputElement);
  readonly #panel = find("table-panel", HTMLElement);
  readonly #column = find("column", HTMLSelectElement);
  readonly #hasNames = find("has-names", HTMLInputElement);
  #csv = "";
  #table: Table | undefined;

  constructor(target: FileTarget) {
    this.#target = target;
  }

  listen(): void {
    find("choose-file", HTMLButtonElement).addEventListener("click", () => this.#input.click());
    this.#input.addEventListener("change", () => {
      void this.#read(this.#input.files);
      // The same file may be chosen again after it has been changed.
      this.#input.value = "";
    });
    this.#hasNames.addEventListener("change", () => this.#guard(() => this.#readTable()));
    this.#column.addEventListener("change", () => this.#guard(() => this.#takeColumn()));
    for (const name of ["dragover", "dragleave", "drop"] as const)
      this.#place.addEventListener(name, (event) => this.#drag(event));
  }

  #drag(event: DragEvent): void {
    if (!event.dataTransfer?.types.includes("Files")) return;
    // Otherwise the browser would open the file in place of the page.
    event.preventDefault();
    this.#place.toggleAttribute("data-dragging", event.type === "dragover");
    if (event.type === "drop") void this.#read(event.dataTransfer.files);
  }

  async #read(files: FileList | null): Promise<void> {
    const file = files?.[0];
    if (!file) return;
    this.#panel.hidden = true;
    if (file.size > mostFileBytes) return this.#say(`${file.name} is larger than ${mostFileBytes / 1_000_000} MB`);
    const bytes = new Uint8Array(await file.arrayBuffer());
    this.#guard(() => {
      const content = readFile(file.name, bytes);
      this.#say("");
      if (content.kind === "documents") return this.#target.takeDocuments(content.documents);
      if (content.kind === "state") return this.#target.takeState(content.state);
      this.#csv = content.text;
      this.#hasNames.checked = true;
      setText("table-name", file.name);
      this.#panel.hidden = false;
      this.#readTable();
    }, file.name);
  }

  #readTable(): void {
    const { columns } = (this.#table = parseCsv(this.#csv, this.#hasNames.checked));
    const all = element("option", { value: everyColumn }, "all columns, as objects");
    const one = columns.map((name) => element("option", { value: name }, name));
    this.#column.replaceChildren(...(columns.length > 1 ? [all, ...one] : one));
    this.#takeColumn();
  }

  #takeColumn(): void {
    if (!this.#table) return;
    const { columns, rows } = this.#table;
    const chosen = columns.indexOf(this.#column.value);
    this.#target.takeDocuments(
      rows.flatMap((row): TypedDocument[] => {
        if (chosen === -1) return [Object.fromEntries(columns.map((name, index) => [name, row[index] ?? ""]))];
        // An empty text is no document.
        return row[chosen]?.trim() ? [row[chosen]] : [];
      }),
    );
    this.#say("");
  }

  #guard(work: () => void, name = ""): void {
    try {
      work();
    } catch (error) {
      this.#say(`${name === "" ? "" : `${name}: `}${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #say(problem: string): void {
    setText("file-problem", problem);
  }
}
