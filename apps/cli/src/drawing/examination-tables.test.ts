import { describe, expect, it } from "vitest";

import type { Reached, Unreached } from "../doctor/examination.ts";
import { drawExaminations } from "./examination-tables.ts";

const well: Reached = {
  model_name: "bge-reranker-base",
  deployment: "d1",
  model: "huggingface/BAAI/bge-reranker-base",
  api_base: "http://127.0.0.1:8080",
  reachable: true,
  state: "warm",
  auth: "accepted",
  server: "text-embeddings-inference 1.9.3",
  scoring: "pointwise",
  billing: "compute",
  score_kind: "probability",
  fingerprint: "f",
  limits: { documents_per_call: 32, tokens_per_document: 512 },
  first_answer_ms: 41.3,
  throughput: [
    { documents: 1, calls: 1, milliseconds: 20, documents_per_second: 50 },
    { documents: 32, calls: 1, milliseconds: 50, documents_per_second: 640 },
  ],
  score_difference: 0.0003,
  warnings: ["the server applies no template"],
  recommendations: ["max_documents_in_flight: 1280 (…)"],
};

const down: Unreached = {
  model_name: "spare",
  deployment: "d2",
  model: "huggingface/BAAI/bge-reranker-base",
  api_base: "http://127.0.0.1:9",
  reachable: false,
  auth: "unknown",
  error: { code: "provider_unreachable", message: "huggingface could not be reached (ECONNREFUSED)" },
};

describe("drawExaminations", () => {
  it("draws states, failures, throughput and recommendations", () => {
    expect(drawExaminations([well, down], { color: false, width: 130 })).toBe(
      [
        "model              state        server                           key       scores       a call  tokens  in flight",
        "bge-reranker-base  warm         text-embeddings-inference 1.9.3  accepted  probability      32     512          –",
        "spare              unreachable  http://127.0.0.1:9               unknown",
        "",
        "spare: huggingface could not be reached (ECONNREFUSED)",
        "",
        "documents a second, in requests of   1   32  first answer  same scores again",
        "bge-reranker-base                   50  640         41 ms  within 0.0003",
        "",
        "bge-reranker-base: the server applies no template",
        "bge-reranker-base: max_documents_in_flight: 1280 (…)",
      ].join("\n"),
    );
  });

  it("draws a paragraph for each deployment where the terminal is narrow", () => {
    const drawn = drawExaminations([well, down], { color: false, width: 40 });
    expect(drawn.split("\n").slice(0, 10)).toEqual([
      "model  bge-reranker-base",
      "state  warm",
      "server  text-embeddings-inference 1.9.3",
      "key  accepted",
      "scores  probability",
      "a call  32",
      "tokens  512",
      "in flight  –",
      "",
      "model  spare",
    ]);
  });

  it("distinguishes replicas by their ids", () => {
    const drawn = drawExaminations([well, { ...well, deployment: "d3" }], { color: false, width: 130 });
    expect(drawn).toMatch(/^d1 .*\nd3 /m);
    expect(drawn).not.toContain("bge-reranker-base");
  });

  it("leaves out sections without content", () => {
    expect(drawExaminations([down], { color: false, width: 130 }).split("\n")).toHaveLength(4);
  });
});
