import { cp, mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const fixtures = fileURLToPath(new URL("../../packages/local/src/fixtures/models", import.meta.url));
const commit = "0123456789abcdef0123456789abcdef01234567";

/**
 * Puts tiny models into a cache folder as if they had been pulled from the Hugging Face Hub.
 * @param models the name that each has there, and which of the fixtures of `packages/local` it is
 */
export async function fillHubCache(cache: string, models: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, fixture] of Object.entries(models)) {
    const repository = join(cache, `models--${name.replace("/", "--")}`);
    await mkdir(join(repository, "refs"), { recursive: true });
    await writeFile(join(repository, "refs/main"), commit);
    await cp(join(fixtures, fixture), join(repository, "snapshots", commit), { recursive: true });
  }
}

/** The files of a fixture for a stand-in of the Hub: its weights are what Git LFS keeps there. */
export async function filesOfFixture(fixture: string): Promise<Readonly<Record<string, string | Buffer>>> {
  const folder = join(fixtures, fixture);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    await Promise.all(
      files.map(async (file) => {
        const content = await readFile(file);
        const path = file.slice(folder.length + 1).replaceAll("\\", "/");
        return [path, path.endsWith(".onnx") ? content : content.toString()] as const;
      }),
    ),
  );
}
