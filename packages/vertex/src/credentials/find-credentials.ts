import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { DheeraError } from "@dheera-ai/core";
import type { Environment } from "@dheera-ai/core/provider-utils";

import { textOf } from "../parse-options.ts";
import { type Credentials, parseCredentials } from "./parse-credentials.ts";

/** Credentials of a file or of a text, or, where there are none, those that Google's machines have of themselves. */
export type FoundCredentials = { readonly kind: "file"; readonly file: Credentials } | { readonly kind: "machine" };

/**
 * The deployment's own, else what the environment has: `VERTEXAI_CREDENTIALS`, then Google's application default
 * credentials (a file that `GOOGLE_APPLICATION_CREDENTIALS` names, what gcloud left, the machine).
 * @throws DheeraError `provider_auth` that says what to set, and quotes nothing of what it read
 */
export async function findCredentials(
  own: string | object | undefined,
  environment: Environment,
  mayUseEnvironment: boolean,
): Promise<FoundCredentials> {
  if (own !== undefined) return found(await read(own, "vertex_credentials"), "vertex_credentials");
  if (!mayUseEnvironment)
    throw new DheeraError(
      "provider_auth",
      "Google's credentials of the environment are sent to googleapis.com alone; set vertex_credentials of this deployment for its api_base",
      { provider: "vertex_ai", permanent: true },
    );
  const given = textOf(environment["VERTEXAI_CREDENTIALS"]);
  if (given !== undefined) return found(await read(given, "VERTEXAI_CREDENTIALS"), "VERTEXAI_CREDENTIALS");
  const path = textOf(environment["GOOGLE_APPLICATION_CREDENTIALS"]);
  if (path !== undefined)
    return found(await readJson(path, "GOOGLE_APPLICATION_CREDENTIALS"), "GOOGLE_APPLICATION_CREDENTIALS");
  const ofGcloud = await readIfThere(pathOfGcloud(environment));
  return ofGcloud === undefined ? { kind: "machine" } : found(ofGcloud, "gcloud");
}

function found(given: unknown, saidBy: string): FoundCredentials {
  return { kind: "file", file: parseCredentials(given, saidBy) };
}

/** A text is JSON, or the path of a file with JSON. */
async function read(given: string | object, saidBy: string): Promise<unknown> {
  if (typeof given === "object") return given;
  return given.startsWith("{") ? parseJson(given, saidBy) : readJson(given, saidBy);
}

async function readJson(path: string, saidBy: string): Promise<unknown> {
  try {
    return parseJson(await readFile(path, "utf8"), saidBy);
  } catch (error) {
    // What stands there may be a key in the wrong place, so it is not repeated.
    if (error instanceof Error && "code" in error && typeof error.code === "string" && error.code.startsWith("E"))
      throw cannotRead(saidBy, `neither JSON nor the path of a file that can be read (${error.code})`);
    throw error;
  }
}

function parseJson(text: string, saidBy: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw cannotRead(saidBy, "not the JSON of a credentials file");
  }
}

function cannotRead(saidBy: string, problem: string): DheeraError {
  return new DheeraError("provider_auth", `${saidBy} is ${problem}`, { provider: "vertex_ai", permanent: true });
}

/** Where `gcloud auth application-default login` leaves its file. */
function pathOfGcloud(environment: Environment): string | undefined {
  const own = textOf(environment["CLOUDSDK_CONFIG"]);
  const home = process.platform === "win32" ? [environment["APPDATA"]] : [environment["HOME"], ".config"];
  const folder = own ?? (home[0] ? join(...home.filter((part) => part !== undefined), "gcloud") : undefined);
  return folder === undefined ? undefined : join(folder, "application_default_credentials.json");
}

async function readIfThere(path: string | undefined): Promise<unknown> {
  if (path === undefined) return undefined;
  try {
    return parseJson(await readFile(path, "utf8"), "gcloud");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
