import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

import { pythonWith } from "../../python/python-tools.ts";

/** Amazon's S3 as moto has it: written apart from Amazon's client, and used by those who test with it. */
const server = "moto[server]==5.2.1";

export interface S3Server extends AsyncDisposable {
  readonly settings: { readonly endpointUrl: string; readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** With one bucket, `batches`. */
export async function startS3Server(): Promise<S3Server> {
  const python = await pythonWith(server);
  const child = spawn(python, ["-m", "moto.server", "-H", "127.0.0.1", "-p", "0"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = once(child, "exit");
  const leaveNothingBehind = (): void => void child.kill("SIGKILL");
  process.once("exit", leaveNothingBehind);
  async function stop(): Promise<void> {
    child.kill("SIGKILL");
    await ended;
    process.off("exit", leaveNothingBehind);
  }
  try {
    const endpointUrl = await addressOf(child.stderr);
    const made = await fetch(`${endpointUrl}/batches`, { method: "PUT" });
    if (!made.ok) throw new Error(`moto made no bucket: ${made.status}`);
    return {
      settings: { endpointUrl, accessKeyId: "a-key", secretAccessKey: "a-secret" },
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function addressOf(output: NodeJS.ReadableStream): Promise<string> {
  const said: string[] = [];
  for await (const line of createInterface(output)) {
    said.push(line);
    const [address] = /http:\/\/127\.0\.0\.1:\d+/.exec(line) ?? [];
    if (address === undefined) continue;
    output.resume();
    return address;
  }
  throw new Error(`moto ended before it listened:\n${said.join("\n")}`);
}
