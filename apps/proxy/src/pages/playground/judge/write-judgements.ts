import type { JudgedQuery } from "./judgements.ts";

/** A file to download. */
export interface JudgementFile {
  readonly name: string;
  readonly type: string;
  readonly text: string;
}

/** `jsonl` is whole by itself; the others are the files of a folder in BEIR's layout. */
export type JudgementFormat = "jsonl" | "corpus" | "queries" | "qrels";

export function writeJudgements(queries: readonly JudgedQuery[], format: JudgementFormat): JudgementFile {
  const { name, type, write } = files[format];
  const lines = write(queries).map((line) => `${line}\n`);
  return { name, type, text: lines.join("") };
}

const json = "application/x-ndjson";

const files = {
  jsonl: { name: "judgements.jsonl", type: json, write: wholeLines },
  corpus: { name: "corpus.jsonl", type: json, write: corpusLines },
  queries: { name: "queries.jsonl", type: json, write: queryLines },
  qrels: { name: "test.tsv", type: "text/tab-separated-values", write: qrelsLines },
} as const satisfies Record<
  JudgementFormat,
  Omit<JudgementFile, "text"> & { readonly write: (queries: readonly JudgedQuery[]) => readonly string[] }
>;

/** A query a line, its documents beside it, and the grades of those that were judged by their position. */
function wholeLines(queries: readonly JudgedQuery[]): readonly string[] {
  return queries.map(({ query, candidates }) =>
    JSON.stringify({
      query,
      documents: candidates.map(({ text }) => text),
      relevant: Object.fromEntries(
        candidates.flatMap(({ grade }, index) => (grade === undefined ? [] : [[index, grade]])),
      ),
    }),
  );
}

function corpusLines(queries: readonly JudgedQuery[]): readonly string[] {
  return [...idsOf(queries)].map(([text, id]) => JSON.stringify({ _id: id, text }));
}

function queryLines(queries: readonly JudgedQuery[]): readonly string[] {
  return queries.map(({ query }, index) => JSON.stringify({ _id: queryId(index), text: query }));
}

function qrelsLines(queries: readonly JudgedQuery[]): readonly string[] {
  const ids = idsOf(queries);
  const lines = queries.flatMap(({ candidates }, index) =>
    candidates.flatMap(({ text, grade }) =>
      grade === undefined ? [] : [`${queryId(index)}\t${ids.get(text)}\t${grade}`],
    ),
  );
  return ["query-id\tcorpus-id\tscore", ...lines];
}

/** Equal texts are one document, whichever query they were ranked for. */
function idsOf(queries: readonly JudgedQuery[]): ReadonlyMap<string, string> {
  const texts = new Set(queries.flatMap(({ candidates }) => candidates.map(({ text }) => text)));
  return new Map([...texts].map((text, index) => [text, `d${index + 1}`]));
}

function queryId(index: number): string {
  return `q${index + 1}`;
}
