import { join } from "node:path";

import { findProgram } from "../../../test/support/programs.ts";
import { startNginxStub } from "./nginx.ts";
import { type Listening, freePort, start } from "../processes.ts";
import type { Shape } from "../load/shapes.ts";

/**
 * A server that answers each shape's ranking at `/<documents>/rerank` at once; `/info` says how many documents a call
 * may hold.
 */
export async function startStub(shapes: readonly Shape[], documentsPerCall: number = 10_000): Promise<Listening> {
  const nginx = findProgram("nginx");
  return nginx === undefined ? startNodeStub(documentsPerCall) : startNginxStub(nginx, shapes, documentsPerCall);
}

/** The same on Node.js. */
export function startNodeStub(documentsPerCall: number = 10_000): Promise<Listening> {
  return startOnNode("stub.ts", String(documentsPerCall));
}

/** The second yardstick: what Node.js itself allows. Answers at the paths of the upstream. */
export function startBare(upstream: string): Promise<Listening> {
  return startOnNode("bare.ts", upstream);
}

async function startOnNode(program: string, argument: string): Promise<Listening> {
  const port = await freePort();
  return start(process.execPath, ["-C", "source", join(import.meta.dirname, program), String(port), argument], port);
}
