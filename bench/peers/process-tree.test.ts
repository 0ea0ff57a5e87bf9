import { spawn } from "node:child_process";
import { once } from "node:events";

import { describe, expect, it } from "vitest";

import { usageOf } from "./process-tree.ts";

/** A process whose child has worked for a fifth of a second of processor time and holds a hundred megabytes, and says so. */
const parent = `
  const child = require("node:child_process").spawn(process.execPath, ["-e", \`
    const held = Buffer.alloc(100e6, 1);
    const worked = () => process.cpuUsage().user + process.cpuUsage().system >= 2e5;
    for (let step = 0; step % 1e5 !== 0 || !worked(); step++);
    console.log(held.length);
    setInterval(() => {}, 1e6);
  \`], { stdio: ["ignore", "inherit", "inherit"] });
  process.once("SIGTERM", () => { child.kill("SIGKILL"); child.once("exit", () => process.exit()); });
`;

describe.runIf(process.platform === "linux")("what a server uses", () => {
  it("is what its children use as well", async () => {
    const server = spawn(process.execPath, ["-e", parent], { stdio: ["ignore", "pipe", "inherit"] });
    const ended = once(server, "exit");
    await once(server.stdout, "data");
    const { seconds, megabytes } = usageOf(server.pid ?? 0);
    server.kill("SIGTERM");
    await ended;
    expect(seconds).toBeGreaterThanOrEqual(0.15);
    expect(megabytes).toBeGreaterThan(100);
    expect(() => usageOf(server.pid ?? 0)).toThrow(`there is no process ${server.pid}`);
  });
});
