import { execFile } from "node:child_process";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

export interface Load {
  readonly url: string;
  /** Sent in turn. */
  readonly bodies: readonly string[];
  readonly connections: number;
  readonly seconds: number;
  readonly key?: string;
}

export interface Measured {
  readonly requestsPerSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly failures: number;
}

/** Full speed over a fixed number of connections, by wrk. */
export async function wrk({ url, bodies, connections, seconds, key }: Load): Promise<Measured> {
  const folder = await mkdtemp(join(tmpdir(), "bench-wrk-"));
  await Promise.all(bodies.map((body, position) => writeFile(join(folder, `${position}.json`), body)));
  await writeFile(join(folder, "load.lua"), script(folder, bodies.length, key));
  const { stdout } = await promisify(execFile)("wrk", ["-t1", `-c${connections}`, `-d${seconds}s`, "-s", join(folder, "load.lua"), url], {
    maxBuffer: 1e7,
  });
  const [requests, microseconds, p50, p90, p99, failures] = (/MEASURED (.*)/.exec(stdout)?.[1] ?? "").split(" ").map(Number);
  if (requests === undefined || microseconds === undefined) throw new Error(`wrk said: ${stdout}`);
  return {
    requestsPerSecond: requests / (microseconds / 1e6),
    p50: (p50 ?? 0) / 1000,
    p90: (p90 ?? 0) / 1000,
    p99: (p99 ?? 0) / 1000,
    failures: failures ?? 0,
  };
}

function script(folder: string, bodies: number, key: string | undefined): string {
  return `
    local bodies = {}
    for i = 0, ${bodies - 1} do local f = io.open("${folder}/" .. i .. ".json"); bodies[i] = f:read("*a"); f:close() end
    local requests, n = {}, -1
    function init()
      wrk.method = "POST"
      wrk.headers["content-type"] = "application/json"
      ${key === undefined ? "" : `wrk.headers["authorization"] = "Bearer ${key}"`}
      for i = 0, ${bodies - 1} do requests[i] = wrk.format(nil, nil, nil, bodies[i]) end
    end
    function request() n = n + 1; return requests[n % ${bodies}] end
    function done(summary, latency)
      local e = summary.errors
      io.write(string.format("MEASURED %d %d %d %d %d %d\\n", summary.requests, summary.duration, latency:percentile(50), latency:percentile(90),
        latency:percentile(99), e.connect + e.read + e.write + e.status + e.timeout))
    end`;
}
