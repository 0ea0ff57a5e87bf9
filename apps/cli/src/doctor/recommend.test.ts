import { describe, expect, it } from "vitest";

import type { Throughput } from "./examination.ts";
import { type Findings, recommend } from "./recommend.ts";

const healthy: Findings = {
  model_name: "bge",
  deployment: "d1",
  model: "huggingface/BAAI/bge-reranker-base",
  api_base: "http://127.0.0.1:8080",
  reachable: true,
  state: "warm",
  auth: "none",
  scoring: "pointwise",
  billing: "compute",
  score_kind: "probability",
  fingerprint: "f",
  limits: { documents_in_flight: 512 },
  first_answer_ms: 20,
  throughput: [once(1, 50), once(8, 200), once(32, 300)],
  score_difference: 0,
  warnings: [],
};

function once(documents: number, documentsPerSecond: number, calls = 1): Throughput {
  return {
    documents,
    calls,
    milliseconds: (documents * 1000) / documentsPerSecond,
    documents_per_second: documentsPerSecond,
  };
}

describe("recommend", () => {
  it("recommends nothing for a deployment without a problem", () => {
    expect(recommend(healthy)).toEqual([]);
  });

  it("recommends smaller calls when large ones are slower per document", () => {
    const slower: Findings = { ...healthy, throughput: [once(1, 50), once(8, 200), once(32, 90)] };
    expect(recommend(slower)).toEqual([
      "max_documents_per_call: 8 (calls of 8 make 200 documents a second, calls of 32 only 90)",
    ]);
    expect(recommend({ ...slower, scoring: "listwise" })).toEqual([]);
  });

  it("recommends a higher limit at the server when its largest calls are still getting faster", () => {
    const measured = [once(1, 50), once(8, 100), once(32, 300), once(128, 310, 4)];
    expect(
      recommend({ ...healthy, limits: { ...healthy.limits, documents_per_call: 32 }, throughput: measured }),
    ).toEqual([expect.stringContaining("raise the server's own limit of 32 documents a call")]);
  });

  it("recommends a bound of documents in flight where the server has none", () => {
    expect(recommend({ ...healthy, limits: {} })).toEqual([expect.stringMatching(/^max_documents_in_flight: 600 /)]);
    const { api_base: _, ...embedded } = healthy;
    expect(recommend({ ...embedded, limits: {} })).toEqual([]);
  });

  it("recommends a longer timeout for a server that has to start", () => {
    expect(recommend({ ...healthy, state: "cold", first_answer_ms: 12_300 })).toEqual([
      expect.stringMatching(/^timeout: 25 at least/),
    ]);
  });

  it("recommends a longer timeout where many documents take long", () => {
    expect(recommend({ ...healthy, throughput: [once(1, 20), once(8, 25)] })).toEqual([
      "timeout: 80 at least for requests of 1,000 documents, or more replicas (they take about 40 s here)",
    ]);
  });

  it("recommends chunks when the model reads few tokens", () => {
    const limits = { ...healthy.limits, tokens_per_document: 512 };
    expect(recommend({ ...healthy, limits })).toEqual([expect.stringContaining("long_documents: chunk_max")]);
    expect(recommend({ ...healthy, limits: { ...limits, tokens_per_document: 8192 } })).toEqual([]);
  });

  it("recommends the cache when scores do not repeat", () => {
    expect(recommend({ ...healthy, score_difference: 0.02 })).toEqual([
      expect.stringMatching(/^cache: true .*up to 0\.020/),
    ]);
    expect(recommend({ ...healthy, score_difference: 0.0001 })).toEqual([]);
  });

  it("recommends https when a key leaves this machine unencrypted", () => {
    const remote: Findings = { ...healthy, auth: "accepted", api_base: "http://rerank.example:8080" };
    expect(recommend(remote)).toEqual([expect.stringContaining("https")]);
    for (const safe of ["https://rerank.example", "http://localhost:8080", "http://127.0.0.1", "http://[::1]:80"])
      expect(recommend({ ...remote, api_base: safe })).toEqual([]);
  });
});
