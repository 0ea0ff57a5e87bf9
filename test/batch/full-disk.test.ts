import { execFile, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { expect, it } from "vitest";

import { createFolder } from "../support/temporary-folder.ts";

const program = fileURLToPath(new URL("full-disk-process.ts", import.meta.url));
/** Where a process may have file systems of its own: on Linux, unless its administrator has said no. */
const mayMount = spawnSync("unshare", ["--map-root-user", "--mount", "true"]).status === 0;
const wholeRun = 600_000;

it.skipIf(!mayMount)(
  "a batch on a disk that is full pauses and says so, an upload is refused and leaves nothing, and with room each line is answered once",
  { timeout: wholeRun },
  async () => {
    await using folder = await createFolder();
    const mounted = 'mount -t tmpfs -o size=16m none "$0" && exec "$1" -C source "$2" "$0"';
    const { stdout } = await promisify(execFile)(
      "unshare",
      ["--map-root-user", "--mount", "sh", "-c", mounted, folder.path, process.execPath, program],
      { timeout: wholeRun },
    );
    expect(JSON.parse(stdout)).toEqual({
      status: "in_progress",
      pausedFor: expect.stringContaining("full; what waits goes on when there is room"),
      upload: "unavailable",
      left: 0,
      counts: { total: 3_000, completed: 3_000, failed: 0 },
      once: 3_000,
    });
  },
);
