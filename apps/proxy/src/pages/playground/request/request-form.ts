import { element, find } from "../../browser/element.ts";
import type { RequestBody, TypedDocument } from "../../code/request-body.ts";
import { type DocumentFormat, type ReadDocuments, readDocuments } from "../documents/read-documents.ts";
import { writeDocuments } from "../documents/write-documents.ts";
import type { PageState } from "../state/page-state.ts";

/** A request, with what the user should know about how its documents were read. */
export interface TypedRequest {
  readonly body: RequestBody;
  /** The models to rank with as well, beside the first: none of them twice. */
  readonly others: readonly string[];
  readonly note?: string;
}

/** The form that makes a request. */
export class RequestForm {
  readonly #form = find("request", HTMLFormElement);
  readonly #query = find("query", HTMLTextAreaElement);
  readonly #documents = find("documents", HTMLTextAreaElement);
  readonly #format = find("format", HTMLSelectElement);
  readonly #model = find("model", HTMLSelectElement);
  readonly #others = otherIds.map((id) => find(id, HTMLSelectElement));
  readonly #topN = find("top-n", HTMLInputElement);
  readonly #instruction = find("instruction", HTMLInputElement);
  readonly #rawScores = find("raw-scores", HTMLInputElement);
  readonly #noCache = find("no-cache", HTMLInputElement);
  readonly #button = find("run", HTMLButtonElement);
  /** The choices of a form that was opened before its models were known. */
  #wanted: Pick<PageState, "model" | "others"> = {};
  /** Kept while the text is the same: thousands of documents take a while to read. */
  #read: (ReadDocuments & { readonly typed: string; readonly format: string }) | undefined;
  readonly #changed: () => void;

  constructor(changed: () => void, submitted: () => void) {
    this.#changed = changed;
    this.open(example);
    this.#form.addEventListener("input", () => {
      this.#offerNextChoice();
      changed();
    });
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      submitted();
    });
    this.#form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.#form.requestSubmit();
    });
  }

  /** Offers the names to choose from, the unavailable ones marked; keeps the choices that are among them. */
  offerModels(models: readonly string[], unavailable: ReadonlySet<string>): void {
    const { model = this.#model.value, others = this.#others.map(({ value }) => value) } = this.#wanted;
    const options = (): HTMLOptionElement[] =>
      models.map((name) => {
        const isAvailable = !unavailable.has(name);
        const label = isAvailable ? name : `${name} (unavailable)`;
        return element("option", { value: name, ...(!isAvailable && { disabled: "" }) }, label);
      });
    this.#model.replaceChildren(...options());
    if (models.includes(model)) this.#model.value = model;
    for (const [position, select] of this.#others.entries()) {
      const other = others[position] ?? "";
      select.replaceChildren(element("option", { value: "" }, "none"), ...options());
      if (models.includes(other)) select.value = other;
    }
    if (models.length > 0) this.#wanted = {};
    this.#offerNextChoice();
  }

  /** The chosen model's name; empty before there is one. */
  model(): string {
    return this.#model.value;
  }

  /** @throws Error with a message for the user */
  read(): TypedRequest {
    const instruction = this.#instruction.value.trim();
    const { documents, note } = this.#readDocuments();
    const others = this.#others.map(({ value }) => value);
    return {
      body: {
        model: this.#model.value,
        query: this.#query.value,
        documents,
        ...(this.#topN.value !== "" && { top_n: this.#topN.valueAsNumber }),
        ...(instruction !== "" && { instruction }),
        ...(this.#rawScores.checked && { raw_scores: true }),
        ...(this.#noCache.checked && { cache: { "no-cache": true } }),
      },
      others: [...new Set(others)].filter((other) => other !== "" && other !== this.#model.value),
      ...(note !== undefined && { note }),
    };
  }

  /** Fills in what was kept, shared or saved. */
  open({ query, documents, format = "auto", model, others = [], topN = "", ...options }: PageState): void {
    this.#query.value = query;
    this.#documents.value = documents;
    this.#format.value = format;
    this.#topN.value = topN;
    this.#instruction.value = options.instruction ?? "";
    this.#rawScores.checked = options.rawScores ?? false;
    this.#noCache.checked = options.noCache ?? false;
    this.#wanted = { ...(model !== undefined && { model }), others };
    if (model !== undefined) this.#model.value = model;
    for (const [position, select] of this.#others.entries()) select.value = others[position] ?? "";
    this.#offerNextChoice();
    this.#changed();
  }

  /** What `open` fills in again. */
  state(): PageState {
    return {
      query: this.#query.value,
      documents: this.#documents.value,
      format: asFormat(this.#format.value),
      // A form that was opened before its models were known keeps its choices.
      model: this.#model.value || this.#wanted.model,
      others: this.#wanted.others ?? this.#others.map(({ value }) => value).filter((other) => other !== ""),
      topN: this.#topN.value,
      instruction: this.#instruction.value,
      rawScores: this.#rawScores.checked,
      noCache: this.#noCache.checked,
    };
  }

  takeDocuments(documents: readonly TypedDocument[]): void {
    this.#documents.value = writeDocuments(documents);
    this.#format.value = "auto";
    this.#changed();
  }

  setBusy(busy: boolean): void {
    this.#button.setAttribute("aria-busy", String(busy));
    this.#button.textContent = busy ? "Reranking…" : "Rerank";
  }

  focus(): void {
    this.#query.focus();
  }

  /** One choice more than are used is shown: most people compare two models. */
  #offerNextChoice(): void {
    const lastUsed = this.#others.findLastIndex(({ value }) => value !== "");
    for (const [position, select] of this.#others.entries())
      if (select.parentElement) select.parentElement.hidden = position > lastUsed + 1;
  }

  #readDocuments(): ReadDocuments {
    const typed = this.#documents.value;
    const format = asFormat(this.#format.value);
    if (this.#read?.typed !== typed || this.#read.format !== format)
      this.#read = { ...readDocuments(typed, format), typed, format };
    return this.#read;
  }
}

const otherIds = ["other", "other-2", "other-3"] as const;

function asFormat(value: string): DocumentFormat {
  return value === "lines" || value === "json" ? value : "auto";
}

/** The content of the form before the user types. */
const example: PageState = {
  query: "How long does a sourdough starter keep in the fridge?",
  documents: [
    "Rye flour makes a starter livelier than white flour does.",
    "Milk keeps for about a week in the fridge once it is open.",
    "Bake the loaf with steam for the first twenty minutes.",
    "A sourdough starter keeps for weeks in the fridge when it is fed before it goes in.",
    "How long a dough rises depends on the room more than on the recipe.",
    "A neglected starter wakes up after two or three feedings at room temperature.",
  ].join("\n"),
};
