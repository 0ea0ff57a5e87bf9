import { monitorEventLoopDelay } from "node:perf_hooks";

import { parseConfig, startServer } from "@dheera-ai/proxy";
import * as v from "valibot";

import { configuration, ordinaryBody } from "./watched-app.ts";

/** A proxy that tells its parent where it listens, and then what its parent asks. */
const { config } = parseConfig(configuration, { file: "config.yaml", environment: {} });
const server = await startServer({
  config,
  host: "127.0.0.1",
  port: 0,
  environment: { LOG_LEVEL: "silent" },
});
const delays = monitorEventLoopDelay({ resolution: 10 });
delays.enable();
process.send?.(server.url);

const question = v.union([
  v.object({ reset: v.literal(true) }),
  v.object({ delay: v.literal(true) }),
  v.object({ parse: v.number() }),
]);

process.on("message", (message) => {
  const asked = v.parse(question, message);
  if ("reset" in asked) delays.reset();
  process.send?.("parse" in asked ? parsingTime(asked.parse) : delays.max / 1e6);
});

function parsingTime(bytes: number): number {
  const body = ordinaryBody(bytes);
  const started = performance.now();
  JSON.parse(body);
  return performance.now() - started;
}
