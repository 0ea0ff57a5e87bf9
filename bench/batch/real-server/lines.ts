import { randomNumbers } from "../random-numbers.ts";

/** A line of a batch. */
export interface Line {
  readonly query: string;
  readonly documents: readonly string[];
}

const shortest = 5;
const longest = 120;
const words = [
  "server",
  "queue",
  "model",
  "rank",
  "score",
  "batch",
  "query",
  "token",
  "cache",
  "key",
  "proxy",
  "limit",
];

/** Lines whose documents have between 5 and 120 words, short ones more often; no two documents are the same. */
export function makeLines(lines: number, documents: number): readonly Line[] {
  const random = randomNumbers(7);
  return Array.from({ length: lines }, (_, line) => ({
    query: `how is request ${line} answered?`,
    documents: Array.from({ length: documents }, (_unused, document) => {
      const length = Math.round(shortest * (longest / shortest) ** random());
      const text = Array.from({ length }, () => words[Math.floor(random() * words.length)]);
      return `${line} ${document} ${text.join(" ")}`;
    }),
  }));
}

/** As a file of a batch. */
export async function* toJsonLines(lines: readonly Line[], model: string): AsyncGenerator<Uint8Array> {
  for (const [number, body] of lines.entries())
    yield Buffer.from(
      `${JSON.stringify({ custom_id: `line-${number}`, method: "POST", url: "/v1/rerank", body: { model, ...body } })}\n`,
    );
}
