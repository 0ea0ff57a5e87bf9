import { chmod, readdir } from "node:fs/promises";
import { delimiter, join } from "node:path";

import { expect, it, vi } from "vitest";

import { eventually } from "./eventually.ts";
import { findProgram, needs } from "./programs.ts";
import { startRedisCluster } from "./redis-cluster.ts";
import { createFolder } from "./temporary-folder.ts";

it("stops the other nodes of a cluster when one does not start", needs("redis-server"), async () => {
  // The one that is asked first ends, and the others say who they are.
  await using folder = await createFolder({
    "bin/redis-server": `#!/bin/sh
mkdir "\${0%/*}/../first" 2>/dev/null && exit 1
: > "\${0%/*}/../pids/$$"
exec ${findProgram("redis-server")} "$@"
`,
    "pids/none": "",
  });
  await chmod(join(folder.path, "bin", "redis-server"), 0o755);
  vi.stubEnv("PATH", [join(folder.path, "bin"), process.env["PATH"]].join(delimiter));
  try {
    await expect(startRedisCluster()).rejects.toThrow("ended before it was ready");
  } finally {
    vi.unstubAllEnvs();
  }
  const pids = (await readdir(join(folder.path, "pids"))).filter((name) => name !== "none").map(Number);
  expect(pids.length).toBeGreaterThanOrEqual(2);
  await eventually(() => pids.filter(runs)).toEqual([]);
});

function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
