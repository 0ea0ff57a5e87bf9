import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";

import { textEmbeddingsProgram } from "../support/programs.ts";

/** Text Embeddings Inference itself, in a process of its own. */
export interface TextEmbeddings extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  /** Lets it run no further, as a machine that hangs does, until `SIGCONT`. */
  signal(name: NodeJS.Signals): void;
  /** Ends it without warning. */
  kill(): Promise<void>;
}

export interface TextEmbeddingsOptions {
  /** As on its command line: `--max-concurrent-requests`, `8`. */
  readonly args?: readonly string[];
  /** Folder of the model; the tiny cross-encoder beside the program when absent. */
  readonly model?: string;
  /** Any free one when absent. */
  readonly port?: number;
}

/** Whoever starts it ends it. */
export async function startTextEmbeddingsProcess({
  args = [],
  model,
  port,
}: TextEmbeddingsOptions = {}): Promise<TextEmbeddings> {
  const actual = port ?? (await freePort());
  const child = spawn("bash", [textEmbeddingsProgram, String(actual), ...args], {
    env: { ...process.env, ...(model !== undefined && { MODEL: model }) },
    stdio: "ignore",
  });
  const exited = once(child, "exit");
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await exited;
  };
  const url = `http://127.0.0.1:${actual}`;
  while (!(await isHealthy(url)))
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`the server ended with code ${child.exitCode} before it served`);
  return { url, pid: child.pid ?? 0, signal: (name) => void child.kill(name), kill, [Symbol.asyncDispose]: kill };
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/health`)).ok;
  } catch {
    return false;
  }
}

/** Its metrics listen 10,000 ports away, so both have to be below 65,536. */
async function freePort(): Promise<number> {
  for (;;) {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    server.close();
    await once(server, "close");
    if (address !== null && typeof address !== "string" && address.port < 55_000) return address.port;
  }
}
