import { join } from "node:path";

import { createFolder } from "../../test/support/temporary-folder.ts";
import { run } from "../proxy/processes.ts";

/** What is asked, how often, and over which connections. */
export interface Asking {
  readonly url: string;
  readonly key: string;
  /** Each request is another one, by `serial` in it. */
  readonly body: string;
  readonly connections: number;
  readonly seconds: number;
  /** Requests a second, whatever the answers take; without it as many as are answered. */
  readonly rate?: number;
  /** Whether connections are kept; otherwise each request has a new one. */
  readonly keeps: boolean;
}

export interface Asked {
  readonly requests: number;
  readonly failures: number;
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
}

/** Asks from a process of its own. @throws Error when a request failed */
export async function ask(asking: Asking): Promise<Asked> {
  await using folder = await createFolder({ "order.json": JSON.stringify(asking) });
  const program = join(import.meta.dirname, "asker.ts");
  const asked: Asked = JSON.parse(await run(process.execPath, ["-C", "source", program, `${folder.path}/order.json`]));
  if (asked.failures > 0 || asked.requests === 0) throw new Error(`requests failed: ${JSON.stringify(asked)}`);
  return asked;
}
