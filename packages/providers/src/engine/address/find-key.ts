import { DheeraError } from "@dheera-ai/core";
import type { Environment } from "@dheera-ai/core/provider-utils";

/**
 * The key given for a deployment, else the first of these variables that is set.
 * @throws DheeraError `invalid_request` when the key cannot be sent in a header.
 */
export function findKey(
  given: string | undefined,
  names: readonly string[],
  environment: Environment,
  provider: string,
): string | undefined {
  const candidates = [given, ...names.map((name) => environment[name])];
  const key = candidates.map((candidate) => candidate?.trim()).find(Boolean);
  // Checked here because the runtime's own complaint would quote the key.
  if (key !== undefined && !/^[\x21-\x7e]+$/.test(key))
    throw new DheeraError("invalid_request", "the key holds characters that no HTTP header may hold; copy it again", {
      param: "api_key",
      provider,
    });
  return key;
}
