import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface TemporaryFile extends AsyncDisposable {
  readonly path: string;
}

/** A file in a folder of its own, gone at the end of the scope. */
export async function temporaryFile(name: string, content: string): Promise<TemporaryFile> {
  const folder = await mkdtemp(join(tmpdir(), "dheera-cli-"));
  const path = join(folder, name);
  await writeFile(path, content);
  return { path, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}
