import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

import { key } from "./watched-app.ts";

/** What a body did to the process. */
export interface Effect {
  readonly status: number;
  /** The answer to a small request that was sent beside it. */
  readonly innocent: number;
  /** Milliseconds of the processor in its thread, both requests together. */
  readonly processor: number;
}

export interface WatchedProxy extends AsyncDisposable {
  ask(body: Uint8Array<ArrayBuffer>): Promise<Effect>;
  /** Milliseconds of the processor that a body of this size may take there, at this moment. */
  mostProcessor(bytes: number): Promise<number>;
}

const program = fileURLToPath(new URL("proxy-process.ts", import.meta.url));

/** A server in a process of its own, with the heap that a container of 1 GiB leaves it. */
export async function startWatchedProxy(): Promise<WatchedProxy> {
  const child = fork(program, { execArgv: ["--max-old-space-size=600", "-C", "source"], env: {} });
  const [url] = await messageOf(child);
  const send = async (body: string | Uint8Array<ArrayBuffer>): Promise<number> => {
    const headers = { authorization: `Bearer ${key}` };
    const response = await fetch(`${String(url)}/rerank`, { method: "POST", headers, body });
    await response.arrayBuffer();
    return response.status;
  };
  const question = async (asked: object): Promise<number> => {
    child.send(asked);
    const [answer] = await messageOf(child);
    return Number(answer);
  };
  return {
    async ask(body) {
      await question({ reset: true });
      const [status, innocent] = await Promise.all([send(body), send(small)]);
      return { status, innocent, processor: await question({ processor: true }) };
    },
    mostProcessor: (bytes) => question({ mostFor: bytes }),
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    },
  };
}

const small = JSON.stringify({ model: "instant", query: "q", documents: ["a", "b"] });

async function messageOf(child: ChildProcess): Promise<unknown[]> {
  const listening = new AbortController();
  const ended = once(child, "exit", { signal: listening.signal }).then(([code, signal]) => {
    throw new Error(`the process ended: ${String(code ?? signal)}`);
  });
  try {
    return await Promise.race([once(child, "message", { signal: listening.signal }), ended]);
  } finally {
    ended.catch(() => {});
    listening.abort();
  }
}
