import { join } from "node:path";

import { bunBinary } from "../../../test/support/bun-binary.ts";
import { findProgram } from "../../../test/support/programs.ts";
import type { Runtime } from "./gateway.ts";
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

/** The second yardstick: what the runtime itself allows. Answers at the paths of the upstream. */
export function startBare(runtime: Runtime, upstream: string): Promise<Listening> {
  return runtime === "node" ? startOnNode("bare.ts", upstream) : startProgram(bunBinary(), [], "bare-bun.ts", upstream);
}

function startOnNode(program: string, argument: string): Promise<Listening> {
  return startProgram(process.execPath, ["-C", "source"], program, argument);
}

async function startProgram(
  command: string,
  options: readonly string[],
  program: string,
  argument: string,
): Promise<Listening> {
  const port = await freePort();
  return start(command, [...options, join(import.meta.dirname, program), String(port), argument], port);
}
