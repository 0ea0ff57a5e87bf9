import type { Environment } from "@dheera-ai/core/provider-utils";

import { invalidSetting } from "../errors/provider-error.ts";
import { type Endpoint, huggingFaceHosts } from "./endpoint.ts";
import { isHuggingFace } from "./hosts.ts";
import { tokenFilePath } from "./token-file.ts";

/** What goes into the `Authorization` header, and where it comes from: messages about a refused key name the source. */
export type Key =
  | { readonly kind: "sent"; readonly token: string; readonly source: string }
  | { readonly kind: "none" }
  /** The environment has a token, but it is not for this host. */
  | { readonly kind: "withheld"; readonly source: string };

/**
 * The key for an address: the one given for it, else one of the environment that may be sent there, else, at hosts of
 * Hugging Face only, the one of the token file.
 * @throws DheeraError `invalid_request` when the key cannot be sent in a header.
 */
export async function findKey(
  given: string | undefined,
  { url, keyVariables }: Pick<Endpoint, "url" | "keyVariables">,
  environment: Environment,
  readFile: (path: string) => Promise<string>,
): Promise<Key> {
  const apiKey = clean(given);
  if (apiKey) return sent(apiKey, "api_key");
  if (isTrue(environment["HF_HUB_DISABLE_IMPLICIT_TOKEN"])) return { kind: "none" };

  const isSet = (name: string): boolean => clean(environment[name]) !== "";
  const name = keyVariables.find(isSet);
  if (name !== undefined) return sent(clean(environment[name]), name);
  if (!isHuggingFace(url)) {
    const withheld = huggingFaceHosts.publicKeys.find(isSet);
    return withheld === undefined ? { kind: "none" } : { kind: "withheld", source: withheld };
  }

  const path = tokenFilePath(environment);
  const token = path === undefined ? "" : clean(await readFile(path).catch(() => undefined));
  return token ? sent(token, "the token file") : { kind: "none" };
}

function sent(token: string, source: string): Key {
  // Checked here because the runtime's own error would quote the key.
  if (!/^[\x21-\x7e]+$/.test(token))
    throw invalidSetting(source, `the key from ${source} holds characters that no HTTP header may hold; copy it again`);
  return { kind: "sent", token, source };
}

/** Token files and variables often end with a line break; an empty token counts as none. */
function clean(token: string | undefined): string {
  return token?.trim() ?? "";
}

function isTrue(value: string | undefined): boolean {
  return value !== undefined && ["1", "on", "yes", "true"].includes(value.toLowerCase());
}
