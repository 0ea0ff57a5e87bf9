import { availableParallelism } from "node:os";
import { join } from "node:path";

import { findProgram } from "../../../test/support/programs.ts";
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
  /**
   * Whether the generator keeps to one core, where there are several and `taskset`. At a rate it looks at the clock all the time: anywhere it
   * would keep waiting what is measured.
   */
  readonly onOneCore?: boolean;
  /** Seconds of load on each target that do not count. */
  readonly warmUp: number;
}

/** Load from a Node.js process of its own: the targets in turns. @returns for each target its rounds */
export async function generate(order: Order): Promise<readonly (readonly Measured[])[]> {
  await using folder = await createFolder({ "order.json": JSON.stringify(order) });
  // Threads that collect garbage beside it would take from what is measured.
  const options = ["--single-threaded-gc", "-C", "source"];
  const program = [
    process.execPath,
    ...options,
    join(import.meta.dirname, "generator.ts"),
    `${folder.path}/order.json`,
  ];
  const [command = "", ...args] = order.onOneCore ? [...lastCore(), ...program] : program;
  const output = await run(command, args);
  const measured: readonly (readonly Measured[])[] = JSON.parse(output);
  return measured;
}

function lastCore(): readonly string[] {
  const last = availableParallelism() - 1;
  return last > 0 && findProgram("taskset") !== undefined ? ["taskset", "-c", String(last)] : [];
}
