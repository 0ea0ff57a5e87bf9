import { join } from "node:path";

import { afterEach, expect, it } from "vitest";

import { memoryLog } from "../../fixtures/memory-log.ts";
import { type Proxy, startProxy } from "../../fixtures/start-proxy.ts";
import { type TemporaryFolder, temporaryFolder } from "../../fixtures/temporary-folder.ts";

/**
 * A provider that reports its calls and answers when the test lets it; a scorer gets its number with its first call.
 */
const plugin = `
let connected = 0;
export default {
  name: "in-process",
  connect() {
    let number;
    const { report } = globalThis.inProcessModel;
    return {
      profile: () => ({ scoring: "pointwise", scoreKind: "probability", billing: "compute", fingerprint: "f", limits: {} }),
      async score({ documents }) {
        number ??= ++connected;
        report("score " + number);
        await globalThis.inProcessModel.go;
        report("scored " + number);
        return { scores: documents.map((_, index) => ({ index, score: 0.5 })) };
      },
      close() {
        // Connected to see whether its parameters are right, and never asked.
        if (number === undefined) return;
        report("close " + number);
        if (globalThis.inProcessModel.fails) throw new Error("the model is stuck");
      },
    };
  },
};`;

const yaml =
  "model_list: [{ model_name: own, dheera_ai_params: { model: in-process/any } }]\nplugins: [./in-process.mjs]\n";
const request = { model: "own", query: "q", documents: ["a"] };

afterEach(() => void Reflect.deleteProperty(globalThis, "inProcessModel"));

it("closes a provider of the old gateway once after a reload, when the request in flight there has ended", async () => {
  const { events, go, model } = watchModel();
  await using folder = await pluginFolder();
  const log = memoryLog();
  await using proxy = await startProxy({ configPath: join(folder.path, "config.yaml"), log });
  const inFlight = proxy.post("/rerank", request);
  await expect.poll(() => events).toEqual(["score 1"]);

  await reload(folder, "general_settings: { max_documents: 2 }\n", log);
  model.go = Promise.resolve();
  expect((await proxy.post("/rerank", request)).status).toBe(200);
  expect(events).toEqual(["score 1", "score 2", "scored 2"]);

  go.resolve();
  expect((await inFlight).status).toBe(200);
  await expect.poll(() => events.slice(3)).toEqual(["scored 1", "close 1"]);
  expect((await proxy.post("/rerank", request)).status).toBe(200);
  expect(events.slice(5)).toEqual(["score 2", "scored 2"]);
});

it("closes providers once when the server stops, and goes on when one of them fails", async () => {
  const { events, go, model } = watchModel();
  go.resolve();
  model.fails = true;
  await using folder = await pluginFolder();
  const proxy: Proxy = await startProxy({ configPath: join(folder.path, "config.yaml") });
  expect((await proxy.post("/rerank", request)).status).toBe(200);
  await Promise.all([proxy.close(), proxy.close()]);
  expect(events).toEqual(["score 1", "scored 1", "close 1"]);
});

interface Model {
  readonly report: (event: string) => void;
  /** Calls that begin from now on answer after it. */
  go: Promise<void>;
  fails?: boolean;
}

function watchModel(): {
  readonly events: readonly string[];
  readonly go: PromiseWithResolvers<void>;
  readonly model: Model;
} {
  const events: string[] = [];
  const go = Promise.withResolvers<void>();
  const model: Model = { report: (event) => void events.push(event), go: go.promise };
  Reflect.set(globalThis, "inProcessModel", model);
  return { events, go, model };
}

function pluginFolder(): Promise<TemporaryFolder> {
  return temporaryFolder({ "config.yaml": yaml, "in-process.mjs": plugin });
}

async function reload(folder: TemporaryFolder, more: string, log: ReturnType<typeof memoryLog>): Promise<void> {
  await folder.write("config.yaml", yaml + more);
  process.emit("SIGHUP", "SIGHUP");
  await expect.poll(() => log.lines).toContain("info: the configuration was taken up anew");
}
