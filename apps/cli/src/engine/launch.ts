import { DheeraError } from "@dheera-ai/core";
import * as v from "valibot";

/** What the parent process wants: the first line on standard input. */
export type Launch = {
  /** A configuration file; without one every official provider serves. */
  readonly config?: string | undefined;
} & (
  | { /** Path of a Unix socket. */ readonly socket: string }
  | { readonly host: string; /** Demanded of every request as a bearer token. */ readonly key: string }
);

const config = v.optional(v.string());
const leastKeyLength = 32;
const launch = v.union([
  v.object({ config, socket: v.pipe(v.string(), v.nonEmpty()) }),
  v.object({ config, host: v.picklist(["127.0.0.1", "::1"]), key: v.pipe(v.string(), v.minLength(leastKeyLength)) }),
]);

/** @throws DheeraError `invalid_request` */
export function readLaunch(line: string): Launch {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), launch), line);
  if (parsed.success) return parsed.output;
  throw new DheeraError(
    "invalid_request",
    'the first line on standard input must be JSON: { "socket": path } or { "host": "127.0.0.1", "key": 32 characters or more }, and "config": path where wanted',
  );
}
