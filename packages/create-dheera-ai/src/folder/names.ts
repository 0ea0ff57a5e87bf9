import { basename } from "node:path";

import validate from "validate-npm-package-name";

import { UsageError } from "../errors.ts";

/**
 * A name of a package after the folder that it is in: `My Proxy` → `my-proxy`.
 * @param folder the last part of its path, or `@scope/name`
 * @param otherwise where nothing of it can be used, such as a name in another alphabet
 */
export function packageNameOf(folder: string, otherwise: string): string {
  if (isFree(folder)) return folder;
  const letters = folder
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/\p{Mark}/gu, "")
    .replaceAll("ß", "ss")
    .replaceAll(/[^a-z0-9._~-]+/g, "-")
    .replaceAll(/^[^a-z0-9]+|[^a-z0-9]+$/g, "");
  return isFree(letters) ? letters : otherwise;
}

/** What a folder calls its package: its last part, with a scope where that is what it is in (`@acme/provider`). */
export function nameIn(folder: string, path: string): string {
  return /(?:^|[\\/])(@[^\\/]+[\\/][^\\/]+)$/.exec(folder)?.[1]?.replace("\\", "/") ?? basename(path);
}

const isFree = (name: string): boolean => validate(name).validForNewPackages;

/**
 * Refuses names of new folders that some systems cannot have: a repository with one cannot be cloned there.
 * @throws UsageError
 */
export function checkFolderName(name: string): void {
  const wrong = /[<>:"|?*\\]/.exec(name)?.[0];
  if (wrong !== undefined) throw new UsageError(`a folder named ${name} cannot be on Windows, because of the ${wrong}`);
  if ([...name].some((letter) => letter < " ")) throw new UsageError("the name of the folder has a control character");
  if (/[. ]$/.test(name)) throw new UsageError(`a folder named "${name}" cannot be on Windows, because of its end`);
  if (/^(con|prn|aux|nul|(com|lpt)[0-9¹²³])(\.|$)/i.test(name))
    throw new UsageError(`a folder named ${name} cannot be on Windows, which keeps that name for a device`);
}
