import { DheeraError } from "@dheera-ai/core";

import type { ModelDescription } from "../model/description.ts";
import type { ChildEnded, ChildRefused, LoadFailed } from "./model-child.ts";

const provider = "local";

/** The child has said why it cannot use the model. Another try comes to the same. */
export function cannotLoad({ name }: ModelDescription, { message }: LoadFailed): DheeraError {
  return new DheeraError("provider_failed", `local/${name} cannot be loaded: ${message}`, {
    provider,
    permanent: true,
  });
}

/** @throws DheeraError `invalid_request` where the weights alone have more bytes than a child may use */
export function checkWeights({ name, weights }: ModelDescription, memoryLimit: number | undefined): void {
  if (memoryLimit === undefined || weights.bytes <= memoryLimit) return;
  throw new DheeraError(
    "invalid_request",
    `memory_limit_mb: the weights of local/${name} (${weights.file}) have ${megabytes(weights.bytes)} MB, more than the limit of ${megabytes(memoryLimit)} MB; raise it, or choose smaller weights with dtype`,
    { param: "memory_limit_mb", provider },
  );
}

export function tooLargeOnceLoaded(
  { name }: ModelDescription,
  memory: number,
  memoryLimit: number | undefined,
): DheeraError {
  return new DheeraError(
    "invalid_request",
    `memory_limit_mb: local/${name} uses ${megabytes(memory)} MB once it is loaded, more than the limit of ${megabytes(memoryLimit ?? 0)} MB; raise it, or choose smaller weights with dtype`,
    { param: "memory_limit_mb", provider },
  );
}

/** While it loaded, or before it had done any work, and not for the first time. */
export function diesAgain({ name }: ModelDescription, cause: ChildEnded): DheeraError {
  const { how } = cause;
  return new DheeraError(
    "provider_failed",
    `the process of local/${name} ends again and again (${how}) before it has scored anything; ${adviceFor(how)}`,
    { provider, cause },
  );
}

/** In the middle of a request, and again when the rest was tried anew. */
export function diedTwice({ name }: ModelDescription, { how }: ChildEnded): DheeraError {
  return new DheeraError(
    "provider_failed",
    `the process of local/${name} ended twice while it scored this request (${how}); ${adviceFor(how)}`,
    { provider },
  );
}

export function refused({ name }: ModelDescription, { reason, message }: ChildRefused): DheeraError {
  if (reason === "too-long") return new DheeraError("provider_rejected", message, { provider });
  return new DheeraError("provider_failed", `local/${name}: ${message}`, { provider });
}

/** Its files are no longer those that its fingerprint was made from. */
export function changed({ name }: ModelDescription): DheeraError {
  return new DheeraError("provider_starting", `the files of local/${name} have changed; it is being loaded anew`, {
    provider,
    retryAfter: 1,
  });
}

export function closed(): DheeraError {
  return new DheeraError("provider_failed", "the model was closed; connect it again", { provider });
}

function adviceFor(how: string): string {
  if (how === "SIGILL")
    return "the native ONNX Runtime uses instructions that this processor does not have: npm install onnxruntime-web and set runtime: wasm";
  if (how === "SIGKILL")
    return "the system ends processes so when memory is short: give it more, or choose smaller weights";
  return "choose other weights with file, or runtime: wasm, to see which of them is at fault";
}

function megabytes(bytes: number): number {
  return Math.ceil(bytes / 1_000_000);
}
