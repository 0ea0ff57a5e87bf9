import { element, find } from "../element.ts";
import { example } from "../example.ts";
import { readDocuments } from "./read-documents.ts";
import type { RequestBody } from "./request-body.ts";

/** The form a request is made with. */
export class RequestForm {
  readonly #form = find("request", HTMLFormElement);
  readonly #query = find("query", HTMLTextAreaElement);
  readonly #documents = find("documents", HTMLTextAreaElement);
  readonly #model = find("model", HTMLSelectElement);
  readonly #topN = find("top-n", HTMLInputElement);
  readonly #instruction = find("instruction", HTMLInputElement);
  readonly #rawScores = find("raw-scores", HTMLInputElement);
  readonly #noCache = find("no-cache", HTMLInputElement);
  readonly #button = find("run", HTMLButtonElement);

  constructor(changed: () => void, submitted: () => void) {
    this.#query.value = example.query;
    this.#documents.value = example.documents.join("\n");
    this.#form.addEventListener("input", changed);
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      submitted();
    });
    this.#form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.#form.requestSubmit();
    });
  }

  /** The names to choose from; the choice stays where it can. */
  offerModels(models: readonly string[]): void {
    const chosen = this.#model.value;
    this.#model.replaceChildren(...models.map((name) => element("option", {}, name)));
    if (models.includes(chosen)) this.#model.value = chosen;
  }

  /** @throws Error with a message for the person who typed */
  read(): RequestBody {
    const instruction = this.#instruction.value.trim();
    return {
      model: this.#model.value,
      query: this.#query.value,
      documents: readDocuments(this.#documents.value),
      ...(this.#topN.value !== "" && { top_n: this.#topN.valueAsNumber }),
      ...(instruction !== "" && { instruction }),
      ...(this.#rawScores.checked && { raw_scores: true }),
      ...(this.#noCache.checked && { cache: { "no-cache": true } }),
    };
  }

  setBusy(busy: boolean): void {
    this.#button.setAttribute("aria-busy", String(busy));
    this.#button.textContent = busy ? "Reranking…" : "Rerank";
  }
}
