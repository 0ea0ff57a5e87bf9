import { DheeraError, type DheeraEvent, type DheeraOptions, type ModelEntry, newReport } from "@dheera-ai/core";
import { describe, expect, it } from "vitest";

import { type ScoreText, scoreIn, scoredModels } from "./testing/scored-models.ts";

const a = { score: scoreIn("a") };
const b = { score: scoreIn("b"), price: 0.001 };
const documents = ["a=0.9 b=0.1", "a=0.5 b=0.9", "a=0.1 b=0.5", "a=0.3 b=0.2"];
const request = { query: "q", documents };
const stages = [{ model: "a", keep: 2 }, { model: "b" }];

function entry(model_name: string, model: string, params: object = {}): ModelEntry {
  return { model_name, dheera_ai_params: { model, ...params } };
}
const cascade = entry("c", "cascade/c", { stages });
const both = entry("f", "fusion/f", { models: ["a", "b"] });

/** Is asked, and never answers. */
function waiting(): { readonly score: ScoreText; readonly asked: Promise<void>; readonly aborted: Promise<void> } {
  const asked = Promise.withResolvers<void>();
  const aborted = Promise.withResolvers<void>();
  return {
    asked: asked.promise,
    aborted: aborted.promise,
    score: (_text, { signal }) => {
      asked.resolve();
      return new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => {
          aborted.resolve();
          reject(signal.reason);
        });
      });
    },
  };
}

const failing = (): never => {
  throw new DheeraError("provider_failed", "broken");
};

describe("what is asked of the answer as a whole", () => {
  it("is done once, at its end: top_n, min_score and the documents", async () => {
    const { dheera } = scoredModels({ a, b }, [cascade]);
    const whole = { ...request, model: "c", return_documents: true as const };
    const best = await dheera.rerank({ ...whole, top_n: 1 });
    expect(best.results).toEqual([
      { index: 1, relevance_score: 0.9, stage: "b", stage_score: 0.9, document: { text: documents[1] } },
    ]);
    const sure = await dheera.rerank({ ...whole, min_score: 0.05 });
    expect(sure.results.map(({ index }) => index)).toEqual([1, 0]);
  });

  it("says why a document has no score, by its place in the request, and explains every call", async () => {
    const refusing: ScoreText = (text) => {
      if (text.startsWith("a=0.5")) throw new DheeraError("provider_rejected", "not this one");
      return scoreIn("b")(text);
    };
    const { dheera } = scoredModels({ a, b: { score: refusing } }, [cascade]);
    const { results, meta } = await dheera.rerank({
      ...request,
      documents: documents.toReversed(),
      model: "c",
      on_document_error: "warn",
      explain: true,
    });
    expect(results.map(({ index, stage, stage_score }) => [index, stage, stage_score])).toEqual([
      [3, "b", 0.1],
      [2, "b", undefined],
      [0, "a", 0.3],
      [1, "a", 0.1],
    ]);
    expect(meta.warnings).toEqual([
      "b: documents[2] is ranked last, with a score that no model gave, because it was refused: not this one",
    ]);
    expect(meta.explain?.calls.map(({ model, documents: sent }) => [model, sent])).toEqual([
      ["a", [0, 1, 2, 3]],
      ["b", [3, 2]],
      ["b", [3]],
      ["b", [2]],
    ]);
    expect(meta.explain?.sources).toEqual(["computed", "computed", "computed", "computed"]);
  });

  it("maps logits to probabilities where the request asks for it, and raw scores keep thresholds from being used", async () => {
    const logits = { score: scoreIn("b"), kind: "logit" as const };
    const { dheera, calls } = scoredModels({ a, b: logits }, [
      entry("c", "cascade/c", { stages: [stages[0], { model: "b", stop_when_margin: 0.1 }] }),
    ]);
    expect((await dheera.rerank({ ...request, model: "c" })).meta.stages?.[1]).toMatchObject({ skipped: "margin" });
    const { results, meta } = await dheera.rerank({ ...request, model: "c", raw_scores: true, normalize: "sigmoid" });
    expect(calls.map(({ model }) => model)).toEqual(["a", "a", "b"]);
    expect(meta.score_kind).toBe("probability");
    expect(results[0]?.relevance_score).toBeCloseTo(1 / (1 + Math.exp(-0.9)), 12);
  });
});

describe("a failure within", () => {
  it("of the first stage is the error of the whole, and a fallback serves", async () => {
    const { dheera } = scoredModels({ a: { score: failing }, b }, [cascade]);
    await expect(dheera.rerank({ ...request, model: "c" })).rejects.toMatchObject({ code: "provider_failed" });
    expect((await dheera.rerank({ ...request, model: "c", fallbacks: ["b"] })).model).toBe("b");
  });

  it("of every model passes the documents through where the entry says so", async () => {
    const { dheera } = scoredModels({ a: { score: failing }, b }, [
      entry("c", "cascade/c", { stages, on_error: "passthrough" }),
    ]);
    const { results, meta } = await dheera.rerank({ ...request, model: "c" });
    expect(results.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
    expect(meta.reranked).toBe(false);
  });

  it("of a model has a combined one as its fallback, which does not ask itself again", async () => {
    const { dheera, calls } = scoredModels({ a: { score: failing }, b }, [both], {
      router_settings: { default_fallbacks: ["f"], disable_cooldowns: true },
    });
    const report = newReport();
    const { model, meta } = await dheera.rerank({ ...request, model: "a" }, { report });
    expect(model).toBe("f");
    expect(meta.stages).toMatchObject([{ model: "a", failed: "provider_failed" }, { model: "b" }]);
    expect(calls.map((call) => call.model)).toEqual(["a", "a", "b"]);
    expect(report).toMatchObject({ fallbacks: 1, modelName: "f" });
  });

  it("is a fallback's once, where one was tried", async () => {
    const fallbacks: string[] = [];
    const observer = {
      event: (event: DheeraEvent) => void (event.type === "fallback" && fallbacks.push(`${event.from} → ${event.to}`)),
    };
    const broken = { score: failing };
    const options = { observer, router_settings: { allowed_fails: 0, cooldown_time: 60 } };
    const { dheera } = scoredModels({ a: broken, b: broken, d: broken }, [both], options);
    const report = newReport();
    const tried = { ...request, model: "a", fallbacks: ["f", "d"] };
    await expect(dheera.rerank(tried, { report })).rejects.toMatchObject({ code: "provider_failed" });
    expect(fallbacks.filter((each) => !each.startsWith("b"))).toEqual(["a → f", "f → d"]);
    expect(report.fallbacks).toBe(2);
  });

  it("of one of several leaves it out, or fails, and the last one's failure is that of all", async () => {
    const lenient = scoredModels({ a: { score: failing }, b }, [both]);
    const { results, meta } = await lenient.dheera.rerank({ ...request, model: "f" });
    expect(results.map(({ index }) => index)).toEqual([1, 2, 3, 0]);
    expect(meta.warnings).toEqual(["a failed and was left out: broken"]);
    const none = scoredModels({ a: { score: failing }, b: { score: failing } }, [both]);
    await expect(none.dheera.rerank({ ...request, model: "f" })).rejects.toMatchObject({ code: "provider_failed" });
  });

  it("that is to fail the whole stops the questions that still run", async () => {
    const slow = waiting();
    const { dheera } = scoredModels(
      {
        a: {
          score: async () => {
            await slow.asked;
            return failing();
          },
        },
        b: slow,
      },
      [entry("f", "fusion/f", { models: ["a", "b"], on_model_error: "fail" })],
    );
    await expect(dheera.rerank({ ...request, model: "f" })).rejects.toMatchObject({ code: "provider_failed" });
    await slow.aborted;
  });
});

describe("the end of a request", () => {
  it("reaches the stage that runs when the caller goes away", async () => {
    const slow = waiting();
    const { dheera } = scoredModels({ a, b: slow }, [cascade]);
    const caller = new AbortController();
    const answer = dheera.rerank({ ...request, model: "c" }, { signal: caller.signal });
    await slow.asked;
    caller.abort();
    await expect(answer).rejects.toMatchObject({ code: "cancelled" });
    await slow.aborted;
  });

  it("at its deadline is an answer with what is known by then", async () => {
    const slow = waiting();
    const { dheera } = scoredModels({ a, b: slow }, [cascade, both]);
    const late = await dheera.rerank({ ...request, model: "c", timeout: 0.05 });
    expect(late.results.map(({ index }) => index)).toEqual([0, 1, 3, 2]);
    expect(late.meta.stages?.[1]).toMatchObject({ model: "b", failed: "timeout" });
    const fused = await dheera.rerank({ ...request, model: "f", timeout: 0.05 });
    expect(fused.meta.stages).toMatchObject([{ model: "a" }, { model: "b", failed: "timeout" }]);
    await expect(
      scoredModels({ a: slow, b }, [cascade]).dheera.rerank({ ...request, model: "c", timeout: 0.05 }),
    ).rejects.toMatchObject({ code: "timeout" });
  });

  it("is waited for by close, its later stages included", async () => {
    const first = Promise.withResolvers<void>();
    const slowly: ScoreText = async (text) => {
      await first.promise;
      return scoreIn("a")(text);
    };
    const { dheera, calls } = scoredModels({ a: { score: slowly }, b }, [cascade]);
    const answer = dheera.rerank({ ...request, model: "c" });
    const closed = dheera.close();
    first.resolve();
    expect((await answer).results[0]).toMatchObject({ index: 1, stage: "b" });
    await closed;
    expect(calls.map(({ model }) => model)).toEqual(["a", "b"]);
    await expect(dheera.rerank({ ...request, model: "c" })).rejects.toThrow("was closed");
  });
});

describe("combined models within each other", () => {
  it("keep in a fusion by ranks the order of what left a cascade early", async () => {
    const own = { score: (text: string) => Number(text.at(-1)) };
    const narrow = entry("c", "cascade/c", { stages: [{ model: "own", keep: 1 }, { model: "none" }] });
    const weights = ["c", { model: "none", weight: 0.000_1 }];
    const fusion = entry("f", "fusion/f", { models: weights });
    const { dheera } = scoredModels({ own, none: { score: () => 0 } }, [narrow, fusion]);
    const asked = { query: "q", documents: ["1", "2", "3"] };
    const orders = ["c", "f"].map(async (model) =>
      (await dheera.rerank({ ...asked, model })).results.map(({ index }) => index),
    );
    expect(await Promise.all(orders)).toEqual([
      [2, 1, 0],
      [2, 1, 0],
    ]);
  });

  it("count in a fusion by ranks as the model told documents apart, and not as its calibration does", async () => {
    const calibration = {
      method: "isotonic",
      scores: [0, 1],
      probabilities: [0.5, 0.5],
      score_kind: "probability",
    } as const;
    const models = ["plateau", { model: "none", weight: 0.000_1 }];
    const provided = { own: { score: (text: string) => Number(text) }, none: { score: () => 0 } };
    const { dheera } = scoredModels(provided, [
      entry("f", "fusion/f", { models }),
      { model_name: "plateau", dheera_ai_params: { model: "scored/own", calibration } },
    ]);
    const { results, meta } = await dheera.rerank({ model: "f", query: "q", documents: ["0.1", "0.2", "0.3"] });
    expect(results.map(({ index }) => index)).toEqual([2, 1, 0]);
    expect(meta.stages?.[0]).toMatchObject({ model: "plateau", score_kind: "probability" });
    const alone = await dheera.rerank({ model: "plateau", query: "q", documents: ["0.1", "0.2"] });
    expect(alone.meta.score_kind).toBe("calibrated");
  });

  it("are a stage as any model is: its stages, costs and warnings are there", async () => {
    const within = entry("deep", "cascade/deep", { stages: [{ model: "f", keep: 2 }, { model: "b" }] });
    const { dheera } = scoredModels({ a, b }, [both, within]);
    const report = newReport();
    const { results, meta, usage } = await dheera.rerank({ ...request, model: "deep" }, { report });
    expect(results.map(({ index, stage }) => [index, stage])).toEqual([
      [1, "b"],
      [0, "b"],
      [2, "f"],
      [3, "f"],
    ]);
    expect(meta.stages).toMatchObject([
      { model: "f", score_kind: "fused", cost: 0.001, stages: [{ model: "a" }, { model: "b", cost: 0.001 }] },
      { model: "b", documents: 2, cost: 0.001 },
    ]);
    expect(usage).toEqual({ cost: 0.002 });
    expect(report).toMatchObject({ cost: 0.002, documents: 4, batches: 3, scored: 10 });
  });

  it.each([
    [
      [
        entry("x", "cascade/x", { stages: [{ model: "y", keep: 1 }, { model: "a" }] }),
        entry("y", "fusion/y", { models: ["x", "b"] }),
      ],
      "leads back to itself: x → y → x",
    ],
    [[entry("x", "split/x", { split: { a: 1, nowhere: 1 } })], 'asks the model "nowhere"'],
    [
      Array.from({ length: 6 }, (_, level) =>
        entry(`l${level}`, `split/l`, { split: { [level === 0 ? "a" : `l${level - 1}`]: 1, b: 1 } }),
      ),
      "more than 5 levels deep",
    ],
    [
      Array.from({ length: 5 }, (_, level) =>
        entry(`l${level}`, `fusion/l`, {
          models: level === 0 ? ["a", "b"] : ["a", "b", `l${level - 1}`, `m${level - 1}`],
        }),
      ).concat(
        Array.from({ length: 4 }, (_, level) =>
          entry(`m${level}`, `fusion/m`, {
            models: level === 0 ? ["a", "b"] : ["a", "b", `l${level - 1}`, `m${level - 1}`],
          }),
        ),
      ),
      "makes more than 32 questions of one request",
    ],
  ])("are refused where a request would have no end, or too many", (entries, message) => {
    expect(() => scoredModels({ a, b }, entries)).toThrow(message);
  });
});

describe("names of members", () => {
  const withId = (id: string, { model_name, dheera_ai_params }: ModelEntry): ModelEntry => ({
    model_name,
    dheera_ai_params,
    model_info: { id },
  });

  it.each<[string, readonly ModelEntry[], Partial<DheeraOptions>, string]>([
    ["itself by its id", [withId("x-id", entry("x", "fusion/x", { models: ["a", "x-id"] }))], {}, "x → x"],
    [
      "another that asks it by its id",
      [
        withId("x-id", entry("x", "fusion/x", { models: ["a", "y"] })),
        entry("y", "split/y", { split: { "x-id": 1, b: 1 } }),
      ],
      {},
      "x → y → x",
    ],
    [
      "itself by an alias of its id",
      [withId("x-id", entry("x", "fusion/x", { models: ["a", "other"] }))],
      { router_settings: { model_group_alias: { other: "x-id" } } },
      "x → x",
    ],
    [
      "more than 32 questions by ids",
      [
        withId("x-id", entry("x", "fusion/x", { models: ["a", "b", "y", "y-id"] })),
        withId("y-id", entry("y", "fusion/y", { models: ["a", "b", "z", "z-id"] })),
        withId("z-id", entry("z", "fusion/z", { models: ["a", "b", "w", "w-id"] })),
        withId("w-id", entry("w", "fusion/w", { models: ["a", "b", "v", "v-id"] })),
        withId("v-id", entry("v", "fusion/v", { models: ["a", "b"] })),
      ],
      {},
      "more than 32 questions",
    ],
  ])("refuse a model that leads to %s", (_what, entries, options, message) => {
    expect(() => scoredModels({ a, b }, entries, options)).toThrow(message);
  });

  it("refuse a model that leads to itself by the id that was made for it, which an asterisk would stand for too", () => {
    const wildcard = entry("*", "scored/*");
    const withModels = (...models: readonly string[]) => entry("x", "fusion/x", { models });
    const { dheera } = scoredModels({ a, b }, [wildcard, withModels("a", "b")]);
    const [made] = dheera.combinedModels();
    expect(() => scoredModels({ a, b }, [wildcard, withModels("a", made?.id ?? "")])).toThrow("x → x");
  });

  it("are not found by the id of an entry that stands for many", () => {
    const many = withId("many-id", entry("any/*", "scored/*"));
    expect(() => scoredModels({ a, b }, [many, entry("x", "fusion/x", { models: ["a", "many-id"] })])).toThrow(
      'asks the model "many-id", which no entry of model_list serves',
    );
  });

  describe.each(["constructor", "toString", "__proto__", "hasOwnProperty"])(
    "such as %s, which every object has",
    (name) => {
      const shares = (rest: object): object => JSON.parse(JSON.stringify(rest).replace('"NAME"', JSON.stringify(name)));
      const refusal = `asks the model "${name}", which no entry of model_list serves`;

      it.each([
        ["a cascade", entry("x", "cascade/x", { stages: [{ model: name, keep: 1 }, { model: "a" }] })],
        ["a fusion", entry("x", "fusion/x", { models: ["a", name] })],
        ["a split", entry("x", "split/x", { split: shares({ a: 1, NAME: 1 }) })],
      ])("are unknown to %s where no entry has them", (_what, combined) => {
        const aliases: readonly Record<string, string>[] = [{}, { other: "a" }];
        for (const model_group_alias of aliases)
          expect(() => scoredModels({ a, b }, [combined], { router_settings: { model_group_alias } })).toThrow(refusal);
      });

      it("are found where an entry has them, and as an alias", async () => {
        const own = entry(name, "scored/a");
        const alias = shares({ NAME: "b" }) as Record<string, string>;
        for (const [entries, router_settings] of [
          [[own], {}],
          [[], { model_group_alias: alias }],
        ] as const) {
          const { dheera } = scoredModels(
            { a, b },
            [...entries, entry("x", "split/x", { split: shares({ a: 0, NAME: 1 }) })],
            {
              router_settings,
            },
          );
          const { meta } = await dheera.rerank({ ...request, model: "x" });
          expect(meta.stages).toMatchObject([{ model: name, documents: 4 }]);
          expect(meta.stages?.[0]?.failed).toBeUndefined();
        }
      });

      it("are unknown to requests and fallbacks", async () => {
        const { dheera } = scoredModels({ a: { score: failing }, b }, [], {
          router_settings: { model_group_alias: {}, fallbacks: [{ a: [name, "b"] }] },
        });
        await expect(dheera.rerank({ ...request, model: name })).rejects.toMatchObject({ code: "model_not_found" });
        expect((await dheera.rerank({ ...request, model: "a" })).model).toBe("b");
      });
    },
  );
});

describe("shares and weights", () => {
  it.each([
    [
      entry("x", "fusion/x", {
        models: [
          { model: "a", weight: 1e308 },
          { model: "b", weight: 1e308 },
        ],
      }),
      "models[0].weight: must be a number above 0, 1000000 at most",
    ],
    [entry("x", "split/x", { split: { a: 1e308, b: 1e308 } }), "split.a: must be a number from 0 to 1000000"],
    [entry("x", "split/x", { split: { a: "1", b: 1 } }), "split.a: must be a number from 0 to 1000000"],
    [entry("x", "split/x", { split: [0.5, 0.5] }), "split: must name 2 to 10 models"],
    [entry("x", "split/x", { split: { a: 0, b: 0 } }), "split: must give one of the models a share above 0"],
  ])("%# are numbers whose sums are numbers", (combined, message) => {
    expect(() => scoredModels({ a, b }, [combined])).toThrow(message);
  });
});

describe("a split", () => {
  const halves = entry("s", "split/s", { split: { a: 0.5, b: 0.5 } });

  it("answers as the model does that it chose, by session, else by tenant", async () => {
    const { dheera } = scoredModels({ a, b }, [halves]);
    const names = new Set<string>();
    for (let session = 0; session < 20; session++) {
      const first = await dheera.rerank({ ...request, model: "s" }, { session: `${session}` });
      const again = await dheera.rerank({ ...request, model: "s" }, { session: `${session}`, tenant: { id: "other" } });
      const byTenant = await dheera.rerank({ ...request, model: "s" }, { tenant: { id: `${session}` } });
      expect([again.model, byTenant.model]).toEqual([first.model, first.model]);
      expect(first.meta.stages).toMatchObject([{ model: first.model, documents: 4 }]);
      names.add(first.model);
    }
    expect([...names].toSorted()).toEqual(["a", "b"]);
  });
});
