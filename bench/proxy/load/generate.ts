import { join } from "node:path";

import { createFolder } from "../../../test/support/temporary-folder.ts";
import type { Measured, Target } from "./measured.ts";
import { run } from "../processes.ts";

/** The order that the generator of load gets. */
export interface Order {
  readonly targets: readonly Target[];
  readonly connections: number;
  /**
   * Requests a second, whatever the answers take (open loop). Without it each connection asks again when it was
   * answered.
   */
  readonly rate?: number;
  /** Of each target in each round. */
  readonly seconds: number;
  readonly rounds: number;
  /** Seconds of load on each target that do not count. */
  readonly warmUp: number;
}

/** Load from a Node.js process of its own: the targets in turns. @returns for each target its rounds */
export async function generate(order: Order): Promise<readonly (readonly Measured[])[]> {
  await using folder = await createFolder({ "order.json": JSON.stringify(order) });
  const output = await run(process.execPath, [
    "-C",
    "source",
    join(import.meta.dirname, "generator.ts"),
    `${folder.path}/order.json`,
  ]);
  const measured: readonly (readonly Measured[])[] = JSON.parse(output);
  return measured;
}
