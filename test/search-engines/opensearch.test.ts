import { readFile } from "node:fs/promises";

import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type ProxyProcess, startProxy } from "../support/proxy-process.ts";
import { createFolder } from "../support/temporary-folder.ts";
import { codeBlocks } from "./code-blocks.ts";
import { type EngineAnswer, type EngineRequest, sendAsEngine } from "./send-as-engine.ts";

// What OpenSearch 2.19.1 sent, with its plug-ins opensearch-ml-plugin, neural-search, opensearch-knn and opensearch-job-scheduler
// 2.19.1.0, all of Maven Central: the page's own requests set it up before a proxy whose `bge` was `bm25/default`, and
// opensearch-sent.json has its requests byte for byte, without `Host` and `Content-Length`, and the hits that it made of the answers.
// How it reads an answer: ConnectorUtils.java and CohereRerankPostProcessFunction.java of ml-commons, at 2.19 as at 3.9.

const recording = v.object({
  query: v.string(),
  documents: v.array(v.string()),
  request: v.object({
    method: v.literal("POST"),
    path: v.string(),
    headers: v.record(v.string(), v.string()),
    body: v.string(),
  }),
  ranked: v.array(v.object({ hit: v.number(), score: v.number() })),
});
type Recording = v.InferOutput<typeof recording>;

const file = new URL("opensearch-sent.json", import.meta.url);
const recordings = v.parse(v.array(recording), JSON.parse(await readFile(file, "utf8")));
const [, connector = ""] = await codeBlocks("opensearch.md", "http");
const connectorBody = v.parse(
  v.object({
    credential: v.object({ key: v.string() }),
    parameters: v.object({ model: v.string() }),
    actions: v.tuple([v.object({ url: v.string(), request_body: v.string() })]),
  }),
  JSON.parse(connector.slice(connector.indexOf("\n"))),
);

const stack = new AsyncDisposableStack();
let proxy: ProxyProcess;

beforeAll(async () => {
  const config = {
    model_list: [
      { model_name: "bge", dheera_ai_params: { model: "bm25/default" } },
      {
        model_name: "lonely",
        dheera_ai_params: {
          model: "cohere/lonely",
          api_base: "http://127.0.0.1:9",
          api_key: "k",
          on_error: "passthrough",
        },
      },
    ],
    router_settings: { num_retries: 0 },
    general_settings: { master_key: connectorBody.credential.key },
  };
  // JSON is YAML.
  const folder = stack.use(await createFolder({ "config.yaml": JSON.stringify(config) }));
  proxy = stack.use(await startProxy(`${folder.path}/config.yaml`));
});

afterAll(() => stack.disposeAsync());

describe.each(recordings)("what OpenSearch sent for the query $query", (recorded) => {
  const { request, documents, ranked } = recorded;

  it("is the page's connector, filled in", () => {
    const [{ url, request_body: template }] = connectorBody.actions;
    expect(request.path).toBe(new URL(url).pathname);
    expect(request.headers).toEqual({
      Authorization: `Bearer ${connectorBody.credential.key}`,
      "Content-Type": "application/json",
    });
    const [query, texts] = [/"query": "(.*)", "documents"/, /"documents": (.*), "top_n"/].map(
      (pattern) => pattern.exec(request.body)?.[1] ?? "",
    );
    const parameters = { model: "bge", query, documents: texts, top_n: String(documents.length) };
    const filled = Object.entries(parameters).reduce(
      (body, [name, value]) => body.replace(`\${parameters.${name}}`, () => value ?? ""),
      template,
    );
    expect(filled).toBe(request.body);
    expect(JSON.parse(request.body)).toEqual({
      model: "bge",
      query: recorded.query,
      documents,
      top_n: documents.length,
    });
  });

  it("is answered so that it gets the same hits as then", async () => {
    const scores = readScores(await send(recorded));
    const hits = [...scores.entries()].map(([hit, score]) => ({ hit, score: Math.fround(score) }));
    expect(hits.toSorted((one, other) => other.score - one.score)).toEqual(
      ranked.map(({ hit, score }) => ({ hit, score: expect.closeTo(score, 5) })),
    );
  });
});

describe("a search whose model does not answer", () => {
  const [first] = recordings;

  it("keeps its order with `on_error: passthrough`, whose scores OpenSearch can read", async () => {
    const body = first?.request.body.replace('"model": "bge"', '"model": "lonely"');
    expect(readScores(await send(first, { body }))).toEqual(first?.documents.map(() => 0));
  });

  it("fails with the status and the body of the proxy", async () => {
    const answer = await send(first, { key: "sk-nobody" });
    expect(() => readScores(answer)).toThrow(/^401 Error from remote service: \{.*the key is not known/);
  });
});

/** Sends a recorded request to this proxy. */
function send(
  recorded: Recording | undefined,
  {
    key = connectorBody.credential.key,
    body = recorded?.request.body,
  }: { key?: string; body?: string | undefined } = {},
): Promise<EngineAnswer> {
  const { method, path, headers } = v.parse(recording, recorded).request;
  const authorization = headers["Authorization"]?.replace(connectorBody.credential.key, key) ?? "";
  const request = { method, url: `${proxy.url}${path}`, headers: { ...headers, Authorization: authorization } };
  return sendAsEngine({ ...request, ...(body !== undefined && { body }) } satisfies EngineRequest);
}

/**
 * One score for each hit, in the order of the hits, as `processOutput` reads them with the JSON path `$.results` and as
 * `CohereRerankPostProcessFunction` casts them: `(Integer) index`, `(Double) relevance_score`.
 */
function readScores({ status, body }: EngineAnswer): readonly number[] {
  if (status < 200 || status > 300) throw new Error(`${status} Error from remote service: ${body}`);
  const { results } = v.parse(v.object({ results: v.array(v.unknown()) }), JSON.parse(body));
  const casts = v.object({ index: v.pipe(v.number(), v.integer()), relevance_score: v.number() });
  const scores: number[] = Array.from({ length: results.length });
  for (const result of results) {
    const { index, relevance_score } = v.parse(casts, result);
    if (index < 0 || index >= results.length)
      throw new RangeError(`Index ${index} out of bounds for length ${results.length}`);
    scores[index] = relevance_score;
  }
  // What Jackson and json-smart read as an Integer shows in the text alone.
  if (/"relevance_score":-?\d+[,}]/.test(body))
    throw new TypeError("class java.lang.Integer cannot be cast to class java.lang.Double");
  return scores;
}
