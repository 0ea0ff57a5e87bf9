import { spawn } from "node:child_process";
import { once } from "node:events";

import type { Choices } from "../choices.ts";
import type { Terminal } from "../terminal.ts";

/**
 * Runs `npm install` or its like in the new folder. What it says goes where people see it.
 * @returns what is to be said where it failed or was stopped: the files are there in any case
 */
export async function install(
  { packageManager }: Choices,
  path: string,
  { environment, print, stop }: Terminal,
  isJson: boolean,
): Promise<string | undefined> {
  const command = `${packageManager} install`;
  const again = `All files are there. Run it again in the folder: ${command}`;
  if (stop.aborted) return `Stopped before ${command}. ${again}`;
  if (!isJson) print(`\nInstalling: ${command}\n`);
  const child = spawn(packageManager, ["install"], {
    cwd: path,
    // On Windows package managers are scripts, which only a shell starts.
    shell: process.platform === "win32",
    signal: stop,
    // Standard output belongs to the JSON alone.
    stdio: ["ignore", isJson ? 2 : "inherit", "inherit"],
    // ONNX Runtime would fetch libraries for graphics cards, hundreds of megabytes from outside the registry.
    // On a machine of CI Yarn would refuse to write the first lock file.
    env: { ONNXRUNTIME_NODE_INSTALL: "skip", ...environment, YARN_ENABLE_IMMUTABLE_INSTALLS: "false" },
  });
  const ended = await once(child, "exit").then(
    ([status]: readonly unknown[]) => status,
    (error: NodeJS.ErrnoException) => error.code,
  );
  if (stop.aborted) return `${command} was stopped. ${again}`;
  if (ended === "ENOENT") return `${packageManager} is not installed. All files are there; once it is: ${command}`;
  return ended === 0 ? undefined : `${command} failed, as it says above. ${again}`;
}
