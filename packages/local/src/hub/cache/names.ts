import { DheeraError } from "@dheera-ai/core";

import { isHubName, isRevision } from "../../model/hub-cache.ts";

/** A model of the Hub, and one of its revisions. */
export interface ModelReference {
  /** `<organization>/<name>`, of old ones `<name>` alone. */
  readonly name: string;
  /** A branch, a tag, a pull request (`refs/pr/1`) or a commit. */
  readonly revision: string;
}

/**
 * Reads `<organization>/<name>[@revision]`; the revision is undefined where none is named. What it accepts is safe as a
 * part of paths and addresses.
 * @throws DheeraError `invalid_request`
 */
export function parseReference(text: string): { readonly name: string; readonly revision: string | undefined } {
  // As the `model` of a configuration has it.
  const given = /^local\/[^/]+\//.test(text) ? text.slice("local/".length) : text;
  const at = given.indexOf("@");
  const name = at === -1 ? given : given.slice(0, at);
  const revision = at === -1 ? undefined : given.slice(at + 1);
  if (!isHubName(name))
    throw new DheeraError(
      "invalid_request",
      `${printable(text)} does not name a model of the Hub: it has the form <organization>/<name> or <organization>/<name>@<revision>, such as cross-encoder/ms-marco-MiniLM-L6-v2`,
      { param: "model" },
    );
  if (revision !== undefined && !(isRevision(revision) && isSafePath(revision)))
    throw new DheeraError(
      "invalid_request",
      `${printable(revision)} is no revision: a branch, a tag or the 40 digits of a commit follow the @`,
      { param: "model" },
    );
  return { name, revision };
}

/** The name of the model that a folder of the cache is for; undefined for what is no model's. */
export function nameOfFolder(folder: string): string | undefined {
  const name = /^models--(.+)$/.exec(folder)?.[1]?.replaceAll("--", "/");
  return name !== undefined && isHubName(name) ? name : undefined;
}

/**
 * Whether a path with `/` stays within the folder that it is put into, under the same name on every operating system:
 * a Hub could announce any.
 */
export function isSafePath(path: string): boolean {
  return path.length <= 1_000 && path.split("/").every(isSafeName);
}

function isSafeName(name: string): boolean {
  return (
    name !== "" &&
    Buffer.byteLength(name) <= 255 &&
    // What Windows forbids, drives and streams of its files (`C:`, `a:b`) among it.
    !/[\p{Cc}\p{Cs}\\:*?"<>|]/u.test(name) &&
    // `..` among them.
    !/[. ]$/.test(name) &&
    !/^(?:con|prn|aux|nul|com[\d¹²³]|lpt[\d¹²³]|conin\$|conout\$)(?:\.|$)/i.test(name)
  );
}

function printable(text: string): string {
  return JSON.stringify(text.slice(0, 200));
}
