import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { endWithUs } from "../proxy/processes.ts";

/** `peer.py`, which does in Python what `local/` does. One order at a time. */
export interface Peer extends AsyncDisposable {
  readonly pid: number;
  load(order: LoadOrder): Promise<Took>;
  score(query: string, documents: readonly string[]): Promise<Took & { readonly scores: readonly number[] }>;
  embed(texts: readonly string[], tokens: number): Promise<Took & { readonly vectors: readonly (readonly number[])[] }>;
}

export interface LoadOrder {
  readonly folder: string;
  /** Of the weights, within the folder. */
  readonly file: string;
  readonly threads: number;
  /** Whether threads keep their processor while they wait for the others, as ONNX Runtime does by itself; default. */
  readonly spins?: boolean;
  /** Slower, and without the saturation of signed 8-bit products on processors without VNNI. */
  readonly precise?: boolean;
}

/** Seconds: of the clock, and of the processor. */
export interface Took {
  readonly seconds: number;
  readonly processor: number;
}

export function startPeer(python: string): Peer {
  const child = spawn(python, [join(import.meta.dirname, "peer.py")], {
    stdio: ["pipe", "pipe", "inherit"],
    // A session of its own, as the child of `local/` has: Linux divides a busy machine among sessions.
    detached: true,
  });
  endWithUs(child);
  const exited = once(child, "exit");
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async <Answer extends Took>(order: object): Promise<Answer> => {
    child.stdin.write(`${JSON.stringify(order)}\n`);
    const { value, done } = await answers.next();
    if (done) throw new Error("the Python program ended; what it printed says why");
    return JSON.parse(value);
  };
  return {
    pid: child.pid ?? 0,
    load: (order) => ask({ do: "load", ...order }),
    score: (query, documents) => ask({ do: "score", query, documents }),
    embed: (texts, tokens) => ask({ do: "embed", texts, tokens }),
    [Symbol.asyncDispose]: async () => {
      child.stdin.end();
      await exited;
    },
  };
}
