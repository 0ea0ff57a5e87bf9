import { DheeraError } from "@dheera-ai/core";

/** Segments begin with a letter or a digit: there is no `..`, and names that begin with a dot are the stores' own. */
const pattern = /^[a-z0-9][a-z0-9._-]*(?:\/[a-z0-9][a-z0-9._-]*)*$/;
const mostCharacters = 512;

/** @throws DheeraError `invalid_request` for a name that could mean something else in a folder or an address */
export function checkName(name: string): void {
  if (name.length > mostCharacters || !pattern.test(name))
    throw new DheeraError("invalid_request", "a stored name has lower-case letters, digits, -, _, . and / alone");
}

/** @throws DheeraError `invalid_request`; a prefix may end anywhere in a name */
export function checkPrefix(prefix: string): void {
  if (prefix !== "") checkName(prefix.replace(/\/$/, ""));
}
