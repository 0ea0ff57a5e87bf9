import { appendFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { DheeraError } from "@dheera-ai/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { JudgedQuery } from "../collections/collection.ts";
import { renderReport } from "../page/render-report.ts";
import { evaluate, type EvaluateOptions } from "./evaluate.ts";
import { scoreByPlace, scriptedModels } from "./fixtures/scripted-models.ts";
import { smallCollection } from "./fixtures/small-collection.ts";
import type { RerankFunction } from "./rank-once.ts";
import type { MeasuredModel } from "./run-queries.ts";

const bad: MeasuredModel = { name: "bad", identity: "1" };
const models: readonly MeasuredModel[] = [bad, { name: "good", identity: "1" }];
const scripted = (): ReturnType<typeof scriptedModels> =>
  scriptedModels(["bad", "good"], (call, model) => scoreByPlace(call, model === "good" ? "last" : "first"));

describe("evaluate", () => {
  it("lets every model rank the same candidates, and compares each with the baseline", async () => {
    await using upstream = scripted();
    const report = await evaluate({ collection: smallCollection(6), models, rerank: upstream.dheera.rerank });
    expect(report).toMatchObject({
      version: 1,
      collection: { name: "small", documents: 24, queries: 6, judgements: 6 },
      candidates: { source: "given with the collection", top_k: 100, recall: 1 },
      sample: { queries: 6 },
      baseline: "bad",
      kept: 0,
      main_metric: "ndcg@10",
      warnings: [
        expect.stringContaining("bad: what its requests cost is not known"),
        expect.stringContaining("good: "),
      ],
    });
    expect(report.sample).not.toHaveProperty("seed");
    const { bad: base, good } = report.models;
    expect(base).toMatchObject({ score_kind: "probability", queries: 6, documents: 24, cost: null, errors: 0 });
    expect(base).not.toHaveProperty("compared");
    expect(base?.metrics["ndcg@10"]).toBeCloseTo(1 / Math.log2(5), 12);
    expect(base?.metrics["mrr@10"]).toBeCloseTo(1 / 4, 12);
    expect(good?.metrics).toEqual({ "ndcg@10": 1, "mrr@10": 1, "recall@10": 1, map: 1 });
    expect(good?.compared?.["ndcg@10"]).toMatchObject({ wins: 6, losses: 0, ties: 0 });
    expect(good?.per_query["q2"]?.top).toEqual(["q2-d3", "q2-d2", "q2-d1", "q2-d0"]);
    expect(good?.latency?.p99).toBeGreaterThanOrEqual(good?.latency?.p50 ?? Infinity);
    expect(report.texts.queries["q2"]).toBe("question q2");
    expect(report.texts.documents["q2-d3"]).toBe("secret text 3 for q2");
    expect(report.grades["q2"]).toEqual({ "q2-d3": 1 });
  });

  it("gives each request its query's id as session, so that a split sends it to the same model in every run", async () => {
    await using upstream = scripted();
    const sessions: unknown[] = [];
    const rerank: RerankFunction = (request, options) => {
      sessions.push([request.query, options?.session]);
      return upstream.dheera.rerank(request, options);
    };
    await evaluate({ collection: smallCollection(2), models: [bad], rerank, concurrency: 1 });
    expect(sessions).toEqual([
      ["question q0", "q0"],
      ["question q1", "q1"],
    ]);
  });

  it("asks for top_k candidates only, and says how many relevant documents are among them", async () => {
    await using upstream = scripted();
    const report = await evaluate({ collection: smallCollection(2), models, rerank: upstream.dheera.rerank, topK: 3 });
    expect(upstream.asked.map(({ documents }) => documents)).toEqual([3, 3, 3, 3]);
    expect(report.candidates).toMatchObject({ top_k: 3, recall: 0 });
  });

  it("keeps grades and texts apart from what every object has, whatever the ids are", async () => {
    const awkward = fc.constantFrom("__proto__", "constructor", "toString", "hasOwnProperty", "name", "0", "7", "q");
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(awkward, { minLength: 1 }),
        fc.uniqueArray(awkward, { minLength: 2 }),
        async (queryIds, documentIds) => {
          const judged = new Map(documentIds.slice(1).map((id, grade) => [id, grade]));
          const report = await evaluate({
            collection: {
              name: "awkward",
              warnings: [],
              documents: new Map(documentIds.map((id) => [id, `text of ${id}`])),
              queries: queryIds.map((id) => ({ id, text: `asked ${id}`, grades: judged, candidates: documentIds })),
            },
            models: [{ name: "m", identity: "1" }],
            rerank: async ({ model, documents }) => ({
              id: "1",
              model,
              results: documents.map((_, index) => ({ index, relevance_score: -index })),
              meta: { api_version: { version: "2", is_experimental: false }, billed_units: {} },
            }),
          });
          const read: typeof report = JSON.parse(JSON.stringify(report));
          for (const one of [report, read]) {
            expect(Object.keys(one.grades).toSorted()).toEqual(queryIds.toSorted());
            for (const grades of Object.values(one.grades)) expect(new Map(Object.entries(grades))).toEqual(judged);
            expect(new Map(Object.entries(one.texts.documents))).toEqual(
              new Map(documentIds.map((id) => [id, `text of ${id}`])),
            );
            const page = await renderReport(one);
            // The first one was not judged.
            expect(page.split("not judged").length - 1).toBe(queryIds.length);
            for (const id of documentIds) expect(page).toContain(`text of ${id}`);
          }
          expect(Object.keys(Object).concat(Object.keys(Object.prototype))).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("says what 1,000 queries cost of those that were asked, and not of those without candidates", async () => {
    const { queries, ...collection } = smallCollection(4);
    const report = await evaluate({
      collection: {
        ...collection,
        queries: queries.map(({ id, text, grades, candidates = [] }, at) => ({
          id,
          text,
          grades,
          candidates: at < 2 ? candidates : [],
        })),
      },
      models: [{ name: "m", identity: "1" }],
      rerank: async ({ model, documents }) => ({
        id: "1",
        model,
        results: documents.map((_, index) => ({ index, relevance_score: -index })),
        usage: { cost: 0.002 },
        meta: { api_version: { version: "2", is_experimental: false }, billed_units: {} },
      }),
    });
    expect(report.models["m"]).toMatchObject({ cost: 0.004, cost_per_1000_queries: 2 });
  });

  it("finds candidates by BM25 where the collection brings none", async () => {
    await using upstream = scripted();
    const { queries, ...collection } = smallCollection(3);
    const without = { ...collection, queries: queries.map(({ candidates: _candidates, ...query }) => query) };
    const report = await evaluate({ collection: without, models, rerank: upstream.dheera.rerank });
    expect(report.candidates).toMatchObject({ source: "BM25 over the collection", recall: 1 });
    expect(upstream.asked).toHaveLength(6);
  });

  it("takes the same sample for the same seed, and says so", async () => {
    await using upstream = scripted();
    const options = { collection: smallCollection(40), models, rerank: upstream.dheera.rerank, queries: 5 };
    const [one, again, other] = [
      await evaluate({ ...options, seed: 7 }),
      await evaluate({ ...options, seed: 7 }),
      await evaluate({ ...options, seed: 8 }),
    ];
    expect(one.sample).toEqual({ queries: 5, seed: 7 });
    const chosen = [one, again, other].map((report) => Object.keys(report.models["bad"]?.per_query ?? {}));
    expect(chosen[1]).toEqual(chosen[0]);
    expect(chosen[2]).not.toEqual(chosen[0]);
  });

  it("counts a query that failed as 0, and shows the first error without any text of it", async () => {
    await using upstream = scriptedModels(["bad", "good"], (call, model) => {
      if (model === "good" && call.query !== "question q1")
        throw new DheeraError("provider_failed", `no luck with ${call.query.length} characters`);
      return scoreByPlace(call, "last");
    });
    const report = await evaluate({ collection: smallCollection(4), models, rerank: upstream.dheera.rerank });
    const { good } = report.models;
    expect(good).toMatchObject({ queries: 1, errors: 3, documents: 4, error: "no luck with 11 characters" });
    expect(good?.metrics["ndcg@10"]).toBe(0.25);
    expect(good?.per_query["q0"]).toMatchObject({ metrics: { map: 0 }, error: "no luck with 11 characters", top: [] });
    expect(report.warnings).toContain(
      "good: 3 of 4 queries failed and count as 0; the first one: no luck with 11 characters",
    );
    expect(JSON.stringify(report.warnings)).not.toContain("secret");
  });

  it("takes the order of the candidates for no ranking, where the configuration answers with it", async () => {
    const failing = (): never => {
      throw new DheeraError("provider_auth", "wrong key");
    };
    await using upstream = scriptedModels(["bad"], failing, { entry: { on_error: "passthrough" } });
    const report = await evaluate({
      collection: smallCollection(2),
      models: [{ name: "bad", identity: "1" }],
      rerank: upstream.dheera.rerank,
    });
    expect(report.models["bad"]).toMatchObject({
      errors: 2,
      queries: 0,
      error: "no deployment could rank (provider_auth): the answer is the order of the candidates",
    });
  });

  it("ranks equal scores as trec_eval does, so that the order of the candidates helps no model", async () => {
    await using upstream = scriptedModels(["bad"], ({ documents }) => ({
      scores: documents.map((_, index) => ({ index, score: 0.5 })),
    }));
    const report = await evaluate({
      collection: smallCollection(1),
      models: [{ name: "bad", identity: "1" }],
      rerank: upstream.dheera.rerank,
    });
    expect(report.models["bad"]?.per_query["q0"]?.top).toEqual(["q0-d3", "q0-d2", "q0-d1", "q0-d0"]);
  });

  it("says once of a model how many documents were cut", async () => {
    await using upstream = scriptedModels(["m"], (call) => ({ ...scoreByPlace(call, "last"), truncated: [0, 2] }));
    const report = await evaluate({
      collection: smallCollection(5),
      models: [{ name: "m", identity: "" }],
      rerank: upstream.dheera.rerank,
    });
    expect(report.warnings.filter((warning) => warning.includes("cut"))).toEqual([
      "m: 10 documents of 5 queries were cut to what the model reads",
    ]);
  });

  it("counts the models that a model is made of, and keeps its order where documents left early", async () => {
    const rerank: RerankFunction = async (request, options) => {
      if (options?.report) options.report.scored = 6;
      return {
        id: "1",
        model: request.model,
        results: [1, 0, 2, 3].map((index, rank) => ({ index, relevance_score: [0.9, 0.8, 0, 0][rank] ?? 0 })),
        meta: {
          api_version: { version: "2", is_experimental: false },
          billed_units: {},
          score_kind: "probability",
          stages: [
            { model: "bm25", documents: 4, milliseconds: 1 },
            {
              model: "both",
              documents: 2,
              milliseconds: 3,
              stages: [
                { model: "a", documents: 2, milliseconds: 3, cost: 0.25 },
                { model: "b", documents: 0, milliseconds: 0, skipped: "margin" },
              ],
            },
          ],
        },
      };
    };
    const report = await evaluate({
      collection: smallCollection(2),
      models: [{ name: "cheap-then-good", identity: "1" }],
      rerank,
      free: new Set(["bm25"]),
    });
    expect(report.models["cheap-then-good"]).toMatchObject({
      documents: 12,
      cost: 0.5,
      cost_per_1000_queries: 250,
      stages: {
        bm25: { documents: 8, queries: 2, cost: 0 },
        a: { documents: 4, queries: 2, cost: 0.5 },
        b: { documents: 0, queries: 0, cost: 0 },
      },
    });
    expect(report.models["cheap-then-good"]?.per_query["q0"]?.top).toEqual(["q0-d1", "q0-d0", "q0-d2", "q0-d3"]);
  });

  it("asks nobody for a query that has no candidates", async () => {
    await using upstream = scripted();
    const { queries, ...collection } = smallCollection(2);
    const report = await evaluate({
      collection: {
        ...collection,
        queries: queries.map((query, at) => (at === 0 ? withoutCandidates(query) : query)),
      },
      models,
      rerank: upstream.dheera.rerank,
    });
    expect(upstream.asked).toHaveLength(2);
    expect(report.models["good"]).toMatchObject({ queries: 2, errors: 0, metrics: { "ndcg@10": 0.5 } });
  });

  it("keeps texts of the 20 worst and the 20 best queries of each model only", async () => {
    await using upstream = scripted();
    const report = await evaluate({ collection: smallCollection(100), models, rerank: upstream.dheera.rerank });
    expect(Object.keys(report.texts.queries)).toHaveLength(40);
    expect(Object.keys(report.texts.documents)).toHaveLength(160);
  });
});

describe("kept rankings", () => {
  const withFile = async (test: (run: (more?: Partial<EvaluateOptions>) => Run, file: string) => Promise<void>) => {
    const folder = await mkdtemp(join(tmpdir(), "dheera-eval-"));
    const file = join(folder, "new", "kept.jsonl");
    try {
      await test(async (more) => {
        await using upstream = scriptedModels(
          ["bad", "good"],
          (call, model) => scoreByPlace(call, model === "good" ? "last" : "first"),
          { profile: { billing: "per-search", price: { perSearchUnit: 0.002 } } },
        );
        const report = await evaluate({
          collection: smallCollection(5),
          models,
          rerank: upstream.dheera.rerank,
          keptFile: file,
          ...more,
        });
        return { report, asked: upstream.asked };
      }, file);
    } finally {
      await rm(folder, { recursive: true });
    }
  };
  type Run = Promise<{
    readonly report: Awaited<ReturnType<typeof evaluate>>;
    readonly asked: ReturnType<typeof scripted>["asked"];
  }>;

  it("are asked for once: a second run reports the same, time and cost included", () =>
    withFile(async (run, file) => {
      const first = await run();
      expect(first.asked).toHaveLength(10);
      expect(first.report).toMatchObject({ kept: 0, models: { good: { cost: 0.01, cost_per_1000_queries: 2 } } });
      const second = await run();
      expect(second.asked).toEqual([]);
      expect(second.report).toEqual({ ...first.report, kept: 10, date: second.report.date });
      expect(await readFile(file, "utf8")).not.toMatch(/secret|question/);
    }));

  it("cost nothing more: a ceiling of 0 is enough for them", () =>
    withFile(async (run) => {
      const priced = models.map(({ name, identity }) => ({ name, identity, worstCost: () => 0.002 }));
      await run({ models: priced });
      const { report } = await run({ models: priced, maxCost: 0 });
      expect(report).toMatchObject({ kept: 10, sample: { queries: 5 } });
      expect(report).not.toHaveProperty("stopped");
    }));

  it.each([
    ["a model whose parameters changed", { models: [bad, { name: "good", identity: "2" }] }, ["good"]],
    ["fewer candidates", { topK: 3 }, ["bad", "good"]],
    ["another text of a document", { collection: changedCollection() }, ["bad", "good"]],
  ])("are asked for again for %s", (_, more, again) =>
    withFile(async (run) => {
      await run();
      const { asked } = await run(more);
      expect(new Set(asked.map(({ model }) => model))).toEqual(new Set(again));
    }),
  );

  it("are used while the model says that it is the same, or cannot say it", () =>
    withFile(async (run) => {
      const of = (revision?: string): Partial<EvaluateOptions> => ({ models: [{ ...bad, revision }] });
      expect((await run(of("one"))).asked).toHaveLength(5);
      expect((await run(of("two"))).asked).toHaveLength(5);
      for (const revision of ["one", "two", undefined]) expect((await run(of(revision))).asked).toEqual([]);
      expect((await run(of("three"))).asked).toHaveLength(5);
    }));

  it("survive a line that was torn", () =>
    withFile(async (run, file) => {
      await run({ queries: 3 });
      const written = await readFile(file, "utf8");
      await appendFile(file, (written.trim().split("\n").at(-1) ?? "").slice(0, 90));
      const { asked, report } = await run();
      expect(asked).toHaveLength(4);
      expect(report.kept).toBe(6);
      expect((await run()).asked).toEqual([]);
    }));

  it("are not made of errors", () =>
    withFile(async (run) => {
      await using failing = scriptedModels(["bad", "good"], () => {
        throw new DheeraError("provider_failed", "no");
      });
      await run({ rerank: failing.dheera.rerank });
      expect((await run()).asked).toHaveLength(10);
    }));

  it("let an interrupted run go on, and every model has the same queries wherever it ended", () =>
    withFile(async (run) => {
      const stop = new AbortController();
      let done = 0;
      const interrupted = await run({
        signal: stop.signal,
        concurrency: 2,
        onProgress: () => ++done === 5 && stop.abort(new Error("SIGINT")),
      });
      const { bad: one, good } = interrupted.report.models;
      expect(interrupted.report.stopped).toMatch(/^interrupted: [12] of 5 queries were measured$/);
      expect(Object.keys(one?.per_query ?? {})).toEqual(Object.keys(good?.per_query ?? {}));
      const { asked, report } = await run();
      expect(report.kept).toBeGreaterThanOrEqual(5);
      expect(asked).toHaveLength(10 - report.kept);
      expect(report).not.toHaveProperty("stopped");
    }));
});

function withoutCandidates(query: JudgedQuery): JudgedQuery {
  return { ...query, candidates: [] };
}

function changedCollection(): EvaluateOptions["collection"] {
  const collection = smallCollection(5);
  const documents = [...collection.documents].map(([id, text]) => [id, `${text}.`] as const);
  return { ...collection, documents: new Map(documents) };
}
