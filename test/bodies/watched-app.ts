import { fileURLToPath } from "node:url";
import { getHeapStatistics } from "node:v8";

import { type App, createApp, createGateway, parseConfig } from "@dheera-ai/proxy";

import { createTelemetry } from "../../apps/proxy/src/telemetry/create-telemetry.ts";

export const key = "sk-fuzzed";

/** What one body cost, and what came of it. */
export interface Outcome {
  readonly status: number;
  /** Bytes of the answer. */
  readonly answer: number;
  /** Characters that were logged. */
  readonly logged: number;
  /** Bytes that were allocated on the heap meanwhile; what was collected again counts too. */
  readonly allocated: number;
  /** Milliseconds of the processor in this thread: the event loop was blocked at least as long if it was not given up. */
  readonly processor: number;
}

export interface WatchedApp {
  ask(body: Uint8Array<ArrayBuffer>): Promise<Outcome>;
}

/** The proxy as a handler in this process, before a model that answers at once; with all its logs. */
export async function watchedApp(): Promise<WatchedApp> {
  let logged = 0;
  const destination = { write: (line: string) => void (logged += line.length) };
  const telemetry = await createTelemetry({ log: { level: "info", destination }, metrics: false, environment: {} });
  const { config } = parseConfig(configuration, { file: "config.yaml", environment: {} });
  const gateway = await createGateway(config, { environment: {}, telemetry });
  const app = createApp(gateway);
  return {
    async ask(body) {
      logged = 0;
      const request = new Request("http://localhost/rerank", {
        method: "POST",
        headers: { authorization: `Bearer ${key}`, "content-length": String(body.byteLength) },
        body,
      });
      const [answer, cost] = await costOf(() => answerOf(app, request));
      return { ...answer, ...cost, logged };
    },
  };
}

async function answerOf(app: App, request: Request): Promise<Pick<Outcome, "status" | "answer">> {
  const response = await app.fetch(request);
  return { status: response.status, answer: (await response.arrayBuffer()).byteLength };
}

/** What it costs to run something, in this thread. */
export async function costOf<T>(
  run: () => T | Promise<T>,
): Promise<readonly [result: T, cost: Pick<Outcome, "allocated" | "processor">]> {
  const allocatedBefore = allocatedBytes();
  const before = process.threadCpuUsage();
  const result = await run();
  const { user, system } = process.threadCpuUsage(before);
  return [result, { allocated: allocatedBytes() - allocatedBefore, processor: (user + system) / 1_000 }];
}

function allocatedBytes(): number {
  const statistics = getHeapStatistics();
  return "total_allocated_bytes" in statistics ? Number(statistics.total_allocated_bytes) : Number.NaN;
}

/** Its model is a plug-in, `instant.ts`. */
export const configuration = `
plugins: [${JSON.stringify(fileURLToPath(new URL("instant.ts", import.meta.url)))}]
model_list: [{ model_name: instant, dheera_ai_params: { model: instant/instant } }]
general_settings: { master_key: ${key} }
`;
