import { execFile } from "node:child_process";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import type { Measured } from "./wrk.ts";

/** Latency at a fixed rate, from a process of its own. */
export async function measurePaced(url: string, body: string, rate: number, seconds: number, key?: string): Promise<Measured> {
  const file = join(await mkdtemp(join(tmpdir(), "bench-paced-")), "body.json");
  await writeFile(file, body);
  const program = join(import.meta.dirname, "paced.ts");
  const args = ["-C", "source", program, url, file, String(rate), String(seconds), ...(key === undefined ? [] : [key])];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const measured: Measured = JSON.parse(stdout);
  return measured;
}
