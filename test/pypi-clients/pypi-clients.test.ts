import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import * as v from "valibot";
import { afterAll, describe, expect, it } from "vitest";

import { readPytestReport } from "../python/pytest-report.ts";
import { oracleLogit, oracleRanking } from "../simulator/oracle.ts";
import { startSimulator } from "../simulator/simulator.ts";
import { findProgram, needs } from "../support/programs.ts";
import { startProxy } from "../support/proxy-process.ts";
import { serveHttp } from "../support/serve-http.ts";
import { createFolder } from "../support/temporary-folder.ts";
import { type WorkingClient, clientsTable } from "./clients-table.ts";
import { pythonsWithClients } from "./python-environments.ts";

const requirement = needs("python3");

/** Each folder of cases with its requirements; not all clients can be installed beside each other. */
const environments = ["clients", "frameworks", "infinity"];

const query = "What is the capital of the United States?";
const documents = [
  "Carson City is the capital city of the American state of Nevada.",
  "The Commonwealth of the Northern Mariana Islands is a group of islands in the Pacific Ocean. Its capital is Saipan.",
  "Washington, D.C. is the capital of the United States. It is a federal district.",
  "Capital punishment has existed in the United States since before it was a country.",
];
const refused = "a document that the upstream refuses";
const key = "sk-master-1234";
const busyKey = "sk-busy-1234";

if (findProgram("python3") === undefined) it("the clients from PyPI", requirement, () => {});
else
  describe("the clients from PyPI, unmodified", async () => {
    const stack = new AsyncDisposableStack();
    afterAll(() => stack.disposeAsync());
    const folder = stack.use(await createFolder());
    const setup = JSON.stringify(await startServers(stack));
    const pythons = await pythonsWithClients(environments);
    const working: WorkingClient[] = [];

    const ended = await Promise.all(
      environments.map((environment, position) => runCases(environment, pythons[position] ?? "", folder.path, setup)),
    );
    for (const { environment, report, output, clients } of ended) {
      const cases = readPytestReport(report);
      it(`${environment}: the cases ran`, () => expect(cases.length, output).toBeGreaterThan(3));
      for (const { name, failure } of cases) it(name, () => expect(failure ?? "").toBe(""));
      working.push(...clients);
    }

    it("are those of the documentation, with these versions", async () => {
      const page = await readFile(join(import.meta.dirname, "../../docs/clients.md"), "utf8");
      expect(page).toContain(clientsTable(working));
    });
  });

/** Two upstreams, one of which refuses every call with 429, and a proxy with and one without keys. */
async function startServers(stack: AsyncDisposableStack): Promise<object> {
  const server = stack.use(await startSimulator({ illness: (text) => (text === refused ? "tokenizer" : undefined) }));
  const busy = stack.use(
    await serveHttp((request, response) => {
      request.resume();
      response.writeHead(429, { "content-type": "application/json", "retry-after": "1" });
      response.end(JSON.stringify({ message: "too many requests" }));
    }),
  );
  const models = {
    model_list: [
      deployment("rerank-model", "huggingface/BAAI/bge-reranker-base", server.url),
      deployment("busy-model", "cohere/any", busy.url),
    ],
    router_settings: { num_retries: 0, disable_cooldowns: true },
  };
  const guarded = {
    ...models,
    general_settings: {
      master_key: key,
      keys: [{ name: "busy", key: "os.environ/BUSY_KEY", models: ["busy-model"] }],
    },
  };
  // JSON is YAML.
  const folder = stack.use(
    await createFolder({ "guarded.yaml": JSON.stringify(guarded), "keyless.yaml": JSON.stringify(models) }),
  );
  const [proxy, keyless] = await Promise.all([
    startProxy(join(folder.path, "guarded.yaml"), { BUSY_KEY: busyKey }),
    startProxy(join(folder.path, "keyless.yaml")),
  ]);
  stack.defer(async () => {
    await Promise.all([proxy.stop(), keyless.stop()]);
  });
  const ranking = oracleRanking(query, documents);
  return {
    url: proxy.url,
    keyless: keyless.url,
    key,
    busy_key: busyKey,
    query,
    documents,
    order: ranking.map(({ index }) => index),
    scores: ranking.map(({ score }) => score),
    logits: ranking.map(({ index }) => oracleLogit(query, documents[index] ?? "")),
    refused,
    model: "rerank-model",
    busy: "busy-model",
  };
}

function deployment(model_name: string, model: string, api_base: string): object {
  return { model_name, dheera_ai_params: { model, api_base, max_retries: 0 } };
}

const clientsSchema = v.array(
  v.object({ package: v.string(), what: v.string(), base: v.string(), version: v.string() }),
);

interface Ended {
  readonly environment: string;
  /** JUnit's. */
  readonly report: string;
  readonly output: string;
  /** Those whose cases all passed. */
  readonly clients: readonly WorkingClient[];
}

async function runCases(environment: string, python: string, folder: string, setup: string): Promise<Ended> {
  const report = join(folder, `${environment}.xml`);
  const clients = join(folder, `${environment}.json`);
  const options = ["--junitxml", report, "-p", "no:cacheprovider", "-q", "--color", "no", "--tb", "short"];
  const output = await new Promise<string>((resolve) => {
    execFile(
      python,
      ["-m", "pytest", ...options, join("cases", environment)],
      {
        cwd: import.meta.dirname,
        // Nothing of this machine's own: no key, no address, no proxy.
        env: {
          PATH: process.env["PATH"],
          HOME: folder,
          LANG: "C.UTF-8",
          PYTHONDONTWRITEBYTECODE: "1",
          DHEERA_CLIENTS: setup,
          DHEERA_CLIENTS_REPORT: clients,
          // Clients that ask the internet for prices, or report their use.
          LITELLM_LOCAL_MODEL_COST_MAP: "True",
          HAYSTACK_TELEMETRY_ENABLED: "False",
        },
        maxBuffer: 100_000_000,
      },
      (_error, stdout, stderr) => resolve(stdout + stderr),
    );
  });
  const [xml, json] = await Promise.all([report, clients].map((file) => readFile(file, "utf8").catch(() => "")));
  return {
    environment,
    report: xml || "<testsuites><testsuite/></testsuites>",
    output,
    clients: v.parse(clientsSchema, JSON.parse(json || "[]")),
  };
}
