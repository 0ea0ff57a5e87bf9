import { readRunTexts, type RunTextsFiles } from "@dheera-ai/eval";

import type { BatchItem } from "./batch-item.ts";

/**
 * The documents of each query of a run, in its order; a text that is missing makes its query broken. The files are held in memory.
 * @throws DheeraError naming the file, the line and the remedy
 */
export async function* readTrec(files: RunTextsFiles): AsyncGenerator<BatchItem> {
  const { run, queries, documents } = await readRunTexts(files);
  let line = 0;
  for (const [id, ranked] of run) {
    line++;
    const query = queries.get(id);
    if (query === undefined) {
      yield { line, id, problem: `${files.queries} has no query of this id` };
      continue;
    }
    const missing = ranked.filter((document) => !documents.has(document)).length;
    yield missing > 0
      ? { line, id, problem: `${files.documents} has no text of ${missing} of its ${ranked.length} documents` }
      : {
          line,
          id,
          body: { query, documents: ranked.map((document) => ({ id: document, text: documents.get(document) })) },
        };
  }
}
