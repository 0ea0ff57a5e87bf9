import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** What stands between the fences of this language on a page of `docs/search-engines/`, in its order. */
export async function codeBlocks(page: string, language: string): Promise<readonly string[]> {
  const path = fileURLToPath(new URL(`../../docs/search-engines/${page}`, import.meta.url));
  const text = await readFile(path, "utf8");
  const pattern = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gms");
  return [...text.matchAll(pattern)].map(([, code = ""]) => code);
}
