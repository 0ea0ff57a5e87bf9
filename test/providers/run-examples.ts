/**
 * Imports programs, which call providers at their own addresses, one after the other: `run-examples.ts <servers>` with the
 * path of each program and the server that stands in for its provider, as JSON. Prints for each what it printed, or its
 * error, as a line of JSON.
 */
import { inspect } from "node:util";

import { addressHeader } from "./stand-ins/serve-stand-in.ts";

const [, , servers = "{}"] = process.argv;
const { fetch, console } = globalThis;
const print = console.log.bind(console);

for (const [program, server] of Object.entries<string>(JSON.parse(servers))) {
  globalThis.fetch = (input, init = {}) => {
    const headers = new Headers(init.headers);
    headers.set(addressHeader, String(input));
    return fetch(server, { ...init, headers });
  };
  const printed: unknown[] = [];
  console.log = (...values: unknown[]) => void printed.push(...values);
  const failure = await import(program).then(
    () => undefined,
    (error: unknown) => inspect(error),
  );
  print(JSON.stringify({ program, printed, failure }));
}
