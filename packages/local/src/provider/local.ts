import { DheeraError, type Provider, type Target } from "@dheera-ai/core";
import { type Environment, processEnvironment } from "@dheera-ai/core/provider-utils";

import { sharedChildren } from "../process/shared-children.ts";
import { LocalScorer } from "./local-scorer.ts";
import { parameterNames, parseParameters } from "./parameters.ts";

/** What `local` is made with. */
export interface LocalOptions {
  /** Where the cache of the Hugging Face Hub is looked up (`HF_HUB_CACHE`, `HF_HOME`); the process environment when absent. */
  readonly environment?: Environment | undefined;
  /** The folder that `local/./folder` starts from, and from which ONNX Runtime is looked for too; the working directory when absent. */
  readonly directory?: string | undefined;
}

/**
 * Neural rerankers without a server: `local/<org>/<name>` from the cache of the Hugging Face Hub, `local/./folder`. Each
 * model runs in a child process, which starts at the first call.
 */
export function local({ environment = processEnvironment(), directory }: LocalOptions = {}): Provider {
  return {
    name: "local",
    optionNames: parameterNames,
    connect(target: Target) {
      requireChildProcesses();
      const parameters = parseParameters(target.options);
      return new LocalScorer(target, parameters, { environment, directory }, sharedChildren);
    },
  };
}

/** @throws DheeraError `invalid_request` where there are none, as in browsers and on workerd */
function requireChildProcesses(): void {
  const isServer = typeof process !== "undefined" && typeof process.versions?.node === "string";
  const isWorker = typeof navigator !== "undefined" && navigator.userAgent === "Cloudflare-Workers";
  if (isServer && !isWorker) return;
  throw new DheeraError(
    "invalid_request",
    "local/… runs its models in child processes, which this runtime does not have; run it on Node.js or Bun, or ask a proxy that has the model",
    { param: "model", provider: "local" },
  );
}
