import { DheeraError } from "@dheera-ai/core";
import { type Environment, findPlace } from "@dheera-ai/core/provider-utils";
import { readFile } from "node:fs/promises";

import { tokenFile } from "../../model/hub-cache.ts";

/** Where the Hub is, and what it is shown. */
export interface HubPlace {
  /** Without a slash at its end. */
  readonly url: URL;
  /** For requests to the origin of `url` alone. */
  readonly token: string | undefined;
  /** Where the token is from, for messages. */
  readonly tokenSource: string | undefined;
}

const publicHub = "https://huggingface.co";

/**
 * The Hub that the environment means: `HF_ENDPOINT`, else the public one, with the token of `HF_TOKEN` or of the file
 * that `hf auth login` writes. As huggingface_hub does, both count for the Hub that `HF_ENDPOINT` names.
 * @throws DheeraError `invalid_request` for an address or a token that cannot be used
 */
export async function findHub(environment: Environment): Promise<HubPlace> {
  const url = addressOf(environment);
  const { token, source } = await findToken(environment);
  // Checked here because the runtime's own error would quote the token.
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token))
    throw new DheeraError(
      "invalid_request",
      `the token from ${source} holds characters that no HTTP header may hold; copy it again`,
      { param: source },
    );
  return { url, token, tokenSource: source };
}

/** Whether nothing may be asked of the Hub. */
export function isOffline(environment: Environment): boolean {
  return isTrue(environment["HF_HUB_OFFLINE"] || environment["TRANSFORMERS_OFFLINE"]);
}

function addressOf(environment: Environment): URL {
  const given = URL.parse(environment["HF_ENDPOINT"]?.trim() ?? "");
  if (given?.username || given?.password)
    throw new DheeraError("invalid_request", "HF_ENDPOINT holds a user name or password; give the token as HF_TOKEN", {
      param: "HF_ENDPOINT",
    });
  const variables = [{ base: "HF_ENDPOINT", key: "HF_TOKEN" }];
  return findPlace({ provider: "local", publicBase: publicHub, variables }, undefined, environment).url;
}

async function findToken(environment: Environment): Promise<{ token?: string; source?: string }> {
  const given = (environment["HF_TOKEN"] || environment["HUGGING_FACE_HUB_TOKEN"])?.trim();
  if (given) return { token: given, source: "HF_TOKEN" };
  if (isTrue(environment["HF_HUB_DISABLE_IMPLICIT_TOKEN"])) return {};
  const path = tokenFile(environment);
  const token = (await readFile(path, "utf8").catch(() => "")).trim();
  return token === "" ? {} : { token, source: path };
}

function isTrue(value: string | undefined): boolean {
  return value !== undefined && ["1", "on", "yes", "true"].includes(value.toLowerCase());
}
