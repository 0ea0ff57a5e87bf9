import { Budget } from "./files/budget.ts";
import { describeFileError } from "./files/describe-file-error.ts";
import { refusal } from "./files/refusal.ts";
import { readRun } from "./formats/run-file.ts";
import { readTexts } from "./formats/texts-file.ts";

/** A run of TREC with the texts that it names. */
export interface RunTexts {
  /** Ids of documents by the id of their query, best first, in the order of the file. */
  readonly run: ReadonlyMap<string, readonly string[]>;
  readonly queries: ReadonlyMap<string, string>;
  readonly documents: ReadonlyMap<string, string>;
}

/** The files of a TREC run, and of the texts that it names. */
export interface RunTextsFiles {
  readonly run: string;
  /** JSONL, topics, or a text a line after its id and a tab. */
  readonly queries: string;
  readonly documents: string;
  /** Bytes of all files, unpacked; default half of what this process may keep in memory. */
  readonly mostBytes?: number | undefined;
}

/**
 * Reads a run and the texts of its queries and documents, packed by gzip or not; all of them are held.
 * @throws DheeraError `invalid_request` naming the file, the line and the remedy; never a text.
 */
export async function readRunTexts({ run, queries, documents, mostBytes }: RunTextsFiles): Promise<RunTexts> {
  const budget = new Budget(mostBytes);
  let file = run;
  try {
    const ranked = await readRun(run, budget);
    const { byId: queryTexts } = await readTexts((file = queries), budget);
    const { byId: documentTexts } = await readTexts((file = documents), budget);
    return { run: ranked, queries: queryTexts, documents: documentTexts };
  } catch (error) {
    const reason = describeFileError(error);
    throw reason === undefined ? error : refusal(file, undefined, reason);
  }
}
