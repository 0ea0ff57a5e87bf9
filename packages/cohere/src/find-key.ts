import { DheeraError } from "@dheera-ai/core";

import type { Place } from "./place.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Cohere's own clients read the first, other software the second. */
const names = ["CO_API_KEY", "COHERE_API_KEY"] as const;

/**
 * The key given for a target; else, for Cohere itself only, the one of the environment.
 * @throws DheeraError `invalid_request` when the key cannot be sent in a header.
 */
export function findKey(given: string | undefined, { isCohere }: Place, environment: Environment): string | undefined {
  const implicit = isCohere ? names.map((name) => environment[name]) : [];
  const key = [given, ...implicit].map((candidate) => candidate?.trim()).find(Boolean);
  // Checked here because the runtime's own complaint would quote the key.
  if (key !== undefined && !/^[\x21-\x7e]+$/.test(key))
    throw new DheeraError("invalid_request", "the key holds characters that no HTTP header may hold; copy it again", {
      param: "api_key",
      provider: "cohere",
    });
  return key;
}
