import * as v from "valibot";

import { type Kind, text } from "./kinds.ts";

const verify: Kind<boolean | string> = v.pipe(
  v.unknown(),
  v.transform((value) => (typeof value === "string" ? (words[value.toLowerCase()] ?? value) : value)),
  v.union([v.boolean(), v.pipe(v.string(), v.nonEmpty())], "must be true, false or the path of a file"),
  v.description(
    "`false`: certificates of servers are not checked. A path: the file of the authorities that are trusted in place of the usual ones.",
  ),
);

const words: Readonly<Record<string, boolean>> = { true: true, false: false };

/** Under LiteLLM's names. */
export const tlsEntries = {
  ssl_verify: v.optional(verify),
  ssl_certificate: v.optional(text("File of the certificate that the proxy shows to servers, as PEM.")),
  ssl_key: v.optional(text("File of its private key; default: in the file of the certificate.")),
};
