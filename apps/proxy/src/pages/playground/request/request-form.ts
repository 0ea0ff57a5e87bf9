import { element, find } from "../element.ts";
import { readDocuments } from "./read-documents.ts";
import type { RequestBody } from "./request-body.ts";

/** The form that makes a request. */
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

  /** Offers the names to choose from; keeps the choice if it is among them. */
  offerModels(models: readonly string[]): void {
    const chosen = this.#model.value;
    this.#model.replaceChildren(...models.map((name) => element("option", {}, name)));
    if (models.includes(chosen)) this.#model.value = chosen;
  }

  /** @throws Error with a message for the user */
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

/** The content of the form before the user types. */
const example = {
  query: "How long does a sourdough starter keep in the fridge?",
  documents: [
    "Rye flour makes a starter livelier than white flour does.",
    "Milk keeps for about a week in the fridge once it is open.",
    "Bake the loaf with steam for the first twenty minutes.",
    "A sourdough starter keeps for weeks in the fridge when it is fed before it goes in.",
    "How long a dough rises depends on the room more than on the recipe.",
    "A neglected starter wakes up after two or three feedings at room temperature.",
  ],
} as const;
