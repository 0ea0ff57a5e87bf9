import { createHash } from "node:crypto";

import type { Parts } from "./assemble.ts";
import { refusal } from "./files/refusal.ts";
import { Judgements } from "./judgements.ts";
import { Texts } from "./texts.ts";

/** Where something stands. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

/** Queries, each with its own documents, as they are read: JSONL and CSV. A query may come up again with further documents. */
export class JudgedLists {
  readonly #queries = new Texts();
  readonly #documents = new Texts();
  readonly #judgements = new Judgements();
  readonly #candidates = new Map<string, Set<string>>();

  /** Returns its id, which is made of the text where none is given: then the order of the file has no influence on it. */
  addQuery(id: string | undefined, text: string, { file, line }: Place): string {
    if (text.trim() === "") throw refusal(file, line, "the query is empty; give it a text, or leave the line out");
    const used = id ?? idOf(text, "q");
    if (!this.#candidates.has(used)) {
      this.#queries.add(used, text, file, line);
      this.#candidates.set(used, new Set());
    } else if (this.#queries.byId.get(used) !== text)
      throw refusal(
        file,
        line,
        "the id of the query stands for another query further above; give each an id of its own",
      );
    return used;
  }

  /** Returns its id. */
  addDocument(query: string, id: string | undefined, text: string, { file, line }: Place): string {
    const used = id ?? idOf(text, "d");
    const known = this.#documents.byId.get(used);
    if (known === undefined) this.#documents.add(used, text, file, line);
    else if (known !== text)
      throw refusal(
        file,
        line,
        "the id of a document stands for another one further above; give each an id of its own",
      );
    this.#candidates.get(query)?.add(used);
    return used;
  }

  judge(query: string, document: string, grade: number, { file, line }: Place): void {
    this.#judgements.add(query, document, grade, file, line);
  }

  finish(): Parts {
    return {
      documents: this.#documents,
      queries: this.#queries,
      judgements: this.#judgements,
      candidates: new Map([...this.#candidates].map(([query, documents]) => [query, [...documents]])),
    };
  }
}

/** 60 bits: among a million texts two have the same one once in two million collections. */
function idOf(text: string, kind: "q" | "d"): string {
  return `${kind}-${createHash("sha256").update(text).digest("hex").slice(0, 15)}`;
}
