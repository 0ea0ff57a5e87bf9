import { spawn } from "node:child_process";
import { once } from "node:events";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

/** The real command line program, running as a server. */
export interface ProxyProcess extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  /** Everything it has printed so far, on both streams. */
  output(): string;
  signal(name: NodeJS.Signals): void;
  /** Sends SIGTERM. @returns its exit code. */
  stop(): Promise<number | null>;
}

const program = fileURLToPath(new URL("../../apps/cli/src/main.ts", import.meta.url));

/** Starts `dheera_ai --config …` and waits until it says where it runs. */
export function startProxy(
  config: string,
  environment: Readonly<Record<string, string>> = {},
  ...options: readonly string[]
): Promise<ProxyProcess> {
  return startProgram(
    process.execPath,
    ["-C", "source", program, "--config", config, "--host", "127.0.0.1", "--port", "0", ...options],
    environment,
  );
}

/** Starts any program that says where it runs as the proxy does, and waits until it has. */
export async function startProgram(
  command: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<ProxyProcess> {
  const child = spawn(command, args, {
    env: { PATH: dirname(process.execPath), ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = once(child, "exit");
  let output = "";
  const running = new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      const url = /RUNNING on (http:\/\/[\d.]+:\d+)/.exec(output)?.[1];
      if (url !== undefined) resolve(url);
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.once("exit", (code) => reject(new Error(`the proxy ended with code ${code} before it ran:\n${output}`)));
  });
  const stop = async (): Promise<number | null> => {
    child.kill("SIGTERM");
    await exited;
    return child.exitCode;
  };
  return {
    url: await running,
    pid: child.pid ?? 0,
    output: () => output,
    signal: (name) => void child.kill(name),
    stop,
    // Also where a test fails before it stops it.
    [Symbol.asyncDispose]: async () => void (await stop()),
  };
}
