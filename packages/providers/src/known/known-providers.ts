import { allRows } from "../rows/all-rows.ts";
import { knownOfRow } from "./known-of-row.ts";
import type { KnownProvider } from "./known-provider.ts";
import { withCode } from "./with-code.ts";

/** Every provider that comes with Dheera AI, by name: those that are rows and those that are code. Asks nobody. */
export function knownProviders(): readonly KnownProvider[] {
  const known = [...allRows.map(({ row }) => knownOfRow(row)), ...withCode];
  return known.toSorted((one, other) => (one.name < other.name ? -1 : 1));
}
