import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

import * as v from "valibot";

/** What the clients of one proxy have had so far. */
export interface Served {
  readonly answered: number;
  readonly refused: number;
}

/** Clients of one proxy, in a process of their own. */
export interface Clients extends AsyncDisposable {
  served(): Promise<Served>;
}

export interface ClientsOptions {
  readonly url: string;
  readonly key: string;
  /** Requests at one time, each begun anew when it has ended. */
  readonly connections: number;
  readonly documents: number;
  readonly tokens: number;
}

const program = fileURLToPath(new URL("asking.ts", import.meta.url));

export function startClients({ url, key, connections, documents, tokens }: ClientsOptions): Clients {
  const args = [url, key, connections, documents, tokens].map(String);
  const child = fork(program, args, { execArgv: ["-C", "source"], stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const exited = once(child, "exit");
  return {
    async served() {
      const answered = once(child, "message");
      child.send("served");
      return v.parse(messageSchema, await answered)[0];
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}

const messageSchema = v.tuple([v.object({ answered: v.number(), refused: v.number() })]);
