import { spawn } from "node:child_process";

import type { Terminal } from "../terminal.ts";

/** Shows an address in the browser of whoever sits here; without one, nothing happens. */
export function openBrowser(url: string, environment: Terminal["environment"]): void {
  const program = programFor(process.platform, environment);
  if (program === undefined) return;
  const [name, ...args] = program;
  const child = spawn(name, [...args, url], { detached: true, stdio: "ignore" });
  // Whoever has no such program opens the printed address.
  child.on("error", () => {});
  child.unref();
}

/** What opens addresses there; undefined where nobody would see it. */
export function programFor(
  platform: NodeJS.Platform,
  environment: Terminal["environment"],
): readonly [string, ...string[]] | undefined {
  // The browser would open on the other machine.
  if (environment["SSH_CONNECTION"]) return undefined;
  if (platform === "darwin") return ["open"];
  if (platform === "win32") return ["rundll32", "url.dll,FileProtocolHandler"];
  return environment["DISPLAY"] || environment["WAYLAND_DISPLAY"] ? ["xdg-open"] : undefined;
}
