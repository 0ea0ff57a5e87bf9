import type { Environment } from "@dheera-ai/core/provider-utils";

import { invalidSetting } from "../errors/provider-error.ts";
import { isHuggingFace } from "./hosts.ts";
import { tokenFilePath } from "./token-file.ts";

/** What goes into the `Authorization` header, and where it comes from: messages about a refused key name the source. */
export type Key =
  | { readonly kind: "sent"; readonly token: string; readonly source: string }
  | { readonly kind: "none" }
  /** The environment has a token, but it is not for this host. */
  | { readonly kind: "withheld"; readonly source: string };

const tokenNames = ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HUGGINGFACE_API_KEY"] as const;

/**
 * The key for an address: the one given for it, else, at hosts of Hugging Face only, the one of the environment or of
 * the token file.
 * @throws DheeraError `invalid_request` when the key cannot be sent in a header.
 */
export async function findKey(
  given: string | undefined,
  url: URL,
  environment: Environment,
  readFile: (path: string) => Promise<string>,
): Promise<Key> {
  const apiKey = clean(given);
  if (apiKey) return sent(apiKey, "api_key");
  if (isTrue(environment["HF_HUB_DISABLE_IMPLICIT_TOKEN"])) return { kind: "none" };

  const name = tokenNames.find((candidate) => clean(environment[candidate]));
  if (!isHuggingFace(url)) return name ? { kind: "withheld", source: name } : { kind: "none" };
  if (name) return sent(clean(environment[name]), name);

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
