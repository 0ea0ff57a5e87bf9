import { randomBytes } from "node:crypto";

import { createFolder } from "../../../test/support/temporary-folder.ts";
import type { Load, Measured } from "./measured.ts";
import { run } from "../processes.ts";
import { serial } from "./shapes.ts";

export async function runWrk(wrk: string, load: Load): Promise<Measured> {
  const { url, body, connections, seconds } = load;
  await using folder = await createFolder({ "body.json": body, "load.lua": script(load) });
  const args = [
    "-t1",
    `-c${connections}`,
    `-d${seconds}s`,
    "-s",
    `${folder.path}/load.lua`,
    url,
    "--",
    `${folder.path}/body.json`,
  ];
  const output = await run(wrk, args);
  const [requests, microseconds, p50, p90, p99, failures] = (/MEASURED (.*)/.exec(output)?.[1] ?? "")
    .split(" ")
    .map(Number);
  if (requests === undefined || microseconds === undefined) throw new Error(`wrk said: ${output}`);
  return {
    requests,
    requestsPerSecond: requests / (microseconds / 1e6),
    p50: (p50 ?? 0) / 1000,
    p90: (p90 ?? 0) / 1000,
    p99: (p99 ?? 0) / 1000,
    failures: failures ?? 0,
  };
}

/** Half of the serial distinguishes runs, the other half requests. */
function script({ key, headers = {}, unique = false }: Load): string {
  const half = serial.length / 2;
  const own = Object.entries(headers).map(([name, value]) => `wrk.headers["${name}"] = "${value}"`);
  return `
    local whole, head, tail, n = nil, nil, nil, 0
    function init(args)
      local f = io.open(args[1]); local body = f:read("*a"); f:close()
      wrk.method = "POST"
      wrk.headers["content-type"] = "application/json"
      ${key === undefined ? "" : `wrk.headers["authorization"] = "Bearer ${key}"`}
      ${own.join("; ")}
      whole = wrk.format(nil, nil, nil, body)
      local first, last = whole:find("${serial}", 1, true)
      if first then head = whole:sub(1, first - 1) .. "${randomBytes(half / 2).toString("hex")}"; tail = whole:sub(last + 1) end
    end
    function request()
      ${unique ? `n = n + 1; return head .. string.format("%0${half}d", n) .. tail` : "return whole"}
    end
    function done(summary, latency)
      local e = summary.errors
      io.write(string.format("MEASURED %d %d %d %d %d %d\\n", summary.requests, summary.duration, latency:percentile(50), latency:percentile(90),
        latency:percentile(99), e.connect + e.read + e.write + e.status + e.timeout))
    end`;
}
