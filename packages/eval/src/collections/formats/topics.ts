import { refusal } from "../files/refusal.ts";
import type { Texts } from "../texts.ts";

/**
 * Topics as TREC has them, whose tags mostly have no end: `<top>`, `<num> Number: 301`, `<title> …`, up to `</top>`. The
 * title is the query; description and narrative are for judges.
 */
export class TopicsReader {
  readonly #texts: Texts;
  readonly #file: string;
  #topic: { readonly line: number; id: string; title: string[]; inTitle: boolean } | undefined;

  constructor(texts: Texts, file: string) {
    this.#texts = texts;
    this.#file = file;
  }

  readonly take = (line: string, number: number): void => {
    for (const [, tag = "", words = ""] of line.matchAll(/(<\/?\w+>)?([^<]*(?:<(?!\/?\w+>)[^<]*)*)/g))
      this.#takeTag(tag.toLowerCase(), words.trim(), number);
  };

  /** @throws DheeraError `invalid_request` where the last topic goes on. */
  end(): void {
    if (this.#topic) throw refusal(this.#file, this.#topic.line, "the topic that begins here has no </top>");
  }

  #takeTag(tag: string, words: string, number: number): void {
    if (tag === "<top>") {
      this.end();
      this.#topic = { line: number, id: "", title: [], inTitle: false };
      return;
    }
    const topic = this.#topic;
    if (!topic) return;
    if (tag === "</top>") this.#finish(topic);
    else if (tag === "<num>") topic.id = words.replace(/^Number:/i, "").trim();
    else {
      if (tag !== "") topic.inTitle = tag === "<title>";
      if (topic.inTitle && words !== "") topic.title.push(words.replace(/^Topic:/i, "").trim());
    }
  }

  #finish({
    id,
    title: words,
    line,
  }: {
    readonly line: number;
    readonly id: string;
    readonly title: readonly string[];
  }): void {
    this.#topic = undefined;
    const title = words.join(" ").trim();
    if (id === "") throw refusal(this.#file, line, "the topic that begins here has no <num>, which is its id");
    if (title === "") throw refusal(this.#file, line, "the topic that begins here has no <title>, which is its query");
    this.#texts.add(id, title, this.#file, line);
  }
}
