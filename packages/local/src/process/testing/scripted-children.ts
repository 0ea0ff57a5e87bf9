import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { ModelDescription } from "../../model/description.ts";
import { Children, type ChildrenOptions } from "../children.ts";

/** Children that do what their documents say, see `scripted-child.ts`. */
export interface ScriptedChildren extends AsyncDisposable {
  readonly children: Children;
  readonly folder: string;
  /** Says how a child loads from now on. */
  script(script: "ready" | "wait" | "fail" | "die" | "throw"): Promise<void>;
  /** Lets go of documents that hold. */
  release(): Promise<void>;
  /** What happened so far: `started`, and documents that were reached. */
  events(): Promise<readonly string[]>;
}

export async function scriptedChildren(options: Partial<ChildrenOptions> = {}): Promise<ScriptedChildren> {
  const folder = await mkdtemp(join(tmpdir(), "scripted-"));
  const script = (text: string): Promise<void> => writeFile(join(folder, "script"), text);
  await script("ready");
  await writeFile(join(folder, "events"), "");
  const children = new Children({ ...scriptedOptions(folder), ...options });
  return {
    children,
    folder,
    script,
    release: () => writeFile(join(folder, "released"), ""),
    events: async () =>
      (await readFile(join(folder, "events"), "utf8")).split("\n").filter((event) => /^(?!pid )./.test(event)),
    [Symbol.asyncDispose]: async () => {
      await children.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export function scriptedOptions(folder: string): ChildrenOptions {
  const model: ModelDescription = {
    kind: "cross-encoder",
    name: "scripted",
    folder,
    revision: undefined,
    tokenizer: join(folder, "tokenizer.json"),
    weights: {
      path: join(folder, "model.onnx"),
      file: "model.onnx",
      dtype: "fp32",
      integers: false,
      externalData: [],
      bytes: 500_000,
      reason: "",
    },
    tokens: 512,
    warnings: [],
    labels: 1,
    positive: 0,
  };
  return {
    program: new URL("./scripted-child.ts", import.meta.url),
    environment: {},
    load: {
      type: "load",
      model,
      threads: 1,
      vectorCacheBytes: 0,
      runtime: "native",
      modules: { onnxRuntime: "", tokenizer: "" },
    },
    isWarm: false,
    isCurrent: async () => true,
    instances: 1,
    idleMs: Infinity,
    memoryLimit: undefined,
    loadPatienceMs: 60_000,
    patienceMs: 60_000,
  };
}
