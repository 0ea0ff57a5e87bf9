import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

import * as v from "valibot";

import { endWithUs } from "../proxy/processes.ts";
import type { Order } from "./whole-requests.ts";

/** A process of `whole-requests.ts` over the built packages of a working copy; it ends when it is disconnected. */
export async function startProcess(root: string): Promise<ChildProcess> {
  const child = fork(join(import.meta.dirname, "whole-requests.ts"), [root], { execArgv: ["-C", "source"] });
  endWithUs(child);
  await once(child, "message");
  return child;
}

/** @returns microseconds of processor time a request */
export async function askProcess(child: ChildProcess, order: Order): Promise<number> {
  const answered = once(child, "message");
  child.send(order);
  return v.parse(v.number(), (await answered)[0]);
}
