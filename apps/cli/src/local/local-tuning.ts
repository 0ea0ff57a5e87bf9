import { importPackage } from "dheera-ai";

/** What `@dheera-ai/local` measures of its models. */
type LocalTuning = typeof import("@dheera-ai/local/tuning");

/** Loads it, beside this program or from a folder; undefined where the package is not installed, or in another version. */
export async function loadLocalTuning(directory: string): Promise<LocalTuning | undefined> {
  const module = await importPackage("@dheera-ai/local/tuning", directory).catch(() => undefined);
  return isLocalTuning(module) ? module : undefined;
}

function isLocalTuning(module: unknown): module is LocalTuning {
  return typeof module === "object" && module !== null && "measureSettings" in module;
}
