import { parseConfig, startServer } from "@dheera-ai/proxy";
import * as v from "valibot";

import { mostProcessor } from "./most-processor.ts";
import { configuration } from "./watched-app.ts";

/** A proxy that tells its parent where it listens, and then what its parent asks. */
const { config } = parseConfig(configuration, { file: "config.yaml", environment: {} });
const server = await startServer({
  config,
  host: "127.0.0.1",
  port: 0,
  environment: { LOG_LEVEL: "silent" },
});
process.send?.(server.url);

const question = v.union([
  v.object({ reset: v.literal(true) }),
  v.object({ processor: v.literal(true) }),
  v.object({ mostFor: v.number() }),
]);

let before = process.threadCpuUsage();

process.on("message", (message) => {
  const asked = v.parse(question, message);
  if ("reset" in asked) before = process.threadCpuUsage();
  if ("mostFor" in asked) void mostProcessor(asked.mostFor).then((most) => process.send?.(most));
  else process.send?.(processorTime());
});

/** Milliseconds of the processor in this thread since it was last reset. */
function processorTime(): number {
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1_000;
}
