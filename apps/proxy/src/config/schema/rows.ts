import { type NamelessRow, rowName, rowSchema } from "@dheera-ai/providers";
import { officialProviders } from "dheera-ai";
import * as v from "valibot";

import type { Kind } from "./kinds.ts";

const namesThatAreTaken: ReadonlySet<string> = new Set([
  ...officialProviders({ environment: {} }).map(({ name }) => name),
  // Entries that cannot serve have it.
  "unavailable",
]);

const ownName = v.pipe(
  rowName,
  v.check(
    (name) => !namesThatAreTaken.has(name),
    "is the name of a provider that is there already; choose another one",
  ),
);

/** Providers that are data of the configuration, by name. */
export const rows: Kind<Record<string, NamelessRow>> = v.pipe(
  v.record(ownName, rowSchema(), "must be a map from names of providers to what they are"),
  v.description("Providers of your own without code, by the prefix in `model: <name>/<model>`."),
);
