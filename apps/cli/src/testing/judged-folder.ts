import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface JudgedFolder extends AsyncDisposable {
  /** The collection, in BEIR's layout. */
  readonly path: string;
  /** A place for other files, gone at the end of the scope. */
  file(name: string): string;
  /** Of the user, with a cache of its own. */
  readonly environment: { readonly XDG_CACHE_HOME: string };
}

/**
 * A collection of towns: each query is about one of them, and the longest of its three documents is the relevant one.
 */
export async function judgedFolder(queries: number = 12): Promise<JudgedFolder> {
  const folder = await mkdtemp(join(tmpdir(), "dheera-eval-"));
  const path = join(folder, "towns");
  await mkdir(join(path, "qrels"), { recursive: true });
  const towns = Array.from({ length: queries }, (_, at) => `town${at}`);
  const documents = towns.flatMap((town) => [
    { _id: `${town}-bridge`, text: `${town} bridge ${town}` },
    { _id: `${town}-market`, text: `The market of ${town} is on Monday` },
    { _id: `${town}-baths`, text: `One can swim in ${town} from May to the end of September, also in the evening` },
  ]);
  const lines = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  await writeFile(join(path, "corpus.jsonl"), lines(documents));
  await writeFile(
    join(path, "queries.jsonl"),
    lines(towns.map((town) => ({ _id: `q-${town}`, text: `hours ${town}` }))),
  );
  const grades = towns.map((town) => `q-${town}\t${town}-baths\t1\n`);
  await writeFile(join(path, "qrels", "test.tsv"), `query-id\tcorpus-id\tscore\n${grades.join("")}`);
  return {
    path,
    file: (name) => join(folder, name),
    environment: { XDG_CACHE_HOME: join(folder, "cache") },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}
