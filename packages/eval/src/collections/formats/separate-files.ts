import type { Parts } from "../assemble.ts";
import type { Budget } from "../files/budget.ts";
import { readQrels } from "./qrels.ts";
import { readTexts } from "./texts-file.ts";

/** Documents, queries and judgements each in a file of its own: BEIR and TREC. */
export interface SeparateFiles {
  readonly documents: string;
  readonly queries: string;
  readonly qrels: string;
}

/** @throws DheeraError `invalid_request` naming the file, the line and the field. */
export async function readSeparateFiles(files: SeparateFiles, budget: Budget): Promise<Parts> {
  // The smallest first, so that whatever is wrong with one of them is said soon.
  const judgements = await readQrels(files.qrels, budget);
  const queries = await readTexts(files.queries, budget);
  return { judgements, queries, documents: await readTexts(files.documents, budget) };
}
