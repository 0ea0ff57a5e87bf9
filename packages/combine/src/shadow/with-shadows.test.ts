import {
  type Dheera,
  DheeraError,
  type DheeraEvent,
  type ModelEntry,
  type Profile,
  type Provider,
  type RerankResponse,
  type ScoreCall,
  type ShadowParams,
  createDheera,
} from "@dheera-ai/core";
import { expect, it } from "vitest";

import { cascade } from "../cascade/cascade.ts";
import { fusion } from "../fusion/fusion.ts";
import { split } from "../split/split.ts";
import { ShadowSpending } from "./spending.ts";
import { type ShadowOptions, withShadows } from "./with-shadows.ts";

const profile: Profile = {
  scoring: "pointwise",
  scoreKind: "probability",
  billing: "compute",
  fingerprint: "one",
  limits: {},
};

type Answer = (call: ScoreCall) => Promise<{ readonly scores: readonly { index: number; score: number }[] }>;

/** The longest document first. */
const byLength: Answer = ({ documents }) =>
  Promise.resolve({ scores: documents.map((document, index) => ({ index, score: document.length / 100 })) });
const byLengthTurned: Answer = ({ documents }) =>
  Promise.resolve({ scores: documents.map((document, index) => ({ index, score: 1 - document.length / 100 })) });

interface Scene extends AsyncDisposable {
  readonly dheera: Dheera;
  readonly events: readonly DheeraEvent[];
  /** Questions to the second model. */
  readonly asked: readonly ScoreCall[];
}

function scene(
  shadow: Partial<ShadowParams> = {},
  answer: Answer = byLengthTurned,
  more: Partial<ShadowOptions> & { readonly billing?: Profile["billing"] } = {},
): Scene {
  const asked: ScoreCall[] = [];
  const events: DheeraEvent[] = [];
  const provider: Provider = {
    name: "scripted",
    connect: ({ model }) => ({
      profile: () => ({ ...profile, fingerprint: model, billing: more.billing ?? "compute" }),
      score: (call) => {
        if (model === "first") return byLength(call);
        asked.push(call);
        return answer(call);
      },
    }),
  };
  const params = { model: "scripted/first", shadow: { model: "candidate", sample: 1, ...shadow } };
  const model_list: readonly ModelEntry[] = [
    { model_name: "served", dheera_ai_params: params, model_info: { id: "served-id" } },
    { model_name: "candidate", dheera_ai_params: { model: "scripted/second" } },
  ];
  const observer = { event: (event: DheeraEvent) => void events.push(event) };
  const options = { model_list, observer, router_settings: { model_group_alias: { other: "served" } } };
  const dheera = createDheera({ ...options, providers: [provider] });
  const shadowed = withShadows(dheera, { ...options, ...more });
  return { dheera: shadowed, events, asked, [Symbol.asyncDispose]: () => shadowed.close() };
}

const request = { model: "served", query: "q", documents: ["a", "bbb", "cc", "dddd"] };

function told(events: readonly DheeraEvent[]) {
  return events.filter((event) => event.type === "shadow");
}

it("asks the second model after the answer, and says how alike the two are", async () => {
  await using made = scene();
  let isAnswered = false;
  const answer = made.dheera.rerank({ ...request, top_n: 2 }, { callId: "call" }).then((response) => {
    isAnswered = true;
    expect(made.asked).toEqual([]);
    return response;
  });
  expect((await answer).results.map(({ index }) => index)).toEqual([3, 1]);
  expect(isAnswered).toBe(true);
  await expect.poll(() => told(made.events)).toHaveLength(1);
  expect(told(made.events)[0]).toMatchObject({
    type: "shadow",
    callId: "call",
    modelName: "served",
    shadow: "candidate",
    outcome: "compared",
    k: 2,
    overlap: 0,
    kendallTau: -1,
    milliseconds: expect.any(Number),
    shadowMilliseconds: expect.any(Number),
  });
});

it("asks the same question without what is meant for the first model alone", async () => {
  await using made = scene();
  const documents = ["a", "bb"];
  await made.dheera.rerank({
    ...request,
    documents,
    min_score: 0.015,
    normalize: "sigmoid",
    instruction: "i",
    return_documents: true,
  });
  documents[0] = "changed by its owner";
  await expect.poll(() => told(made.events)).toMatchObject([{ outcome: "compared", k: 1, overlap: 0 }]);
  expect(made.asked).toMatchObject([{ query: "q", documents: ["a", "bb"], params: { instruction: "i" } }]);
});

it.each(["served-id", "other"])("finds the model that is asked for as %s", async (model) => {
  await using made = scene();
  await made.dheera.rerank({ ...request, model });
  await expect.poll(() => told(made.events)).toMatchObject([{ modelName: "served", outcome: "compared" }]);
});

it("asks no second model for requests to others, and none for itself", async () => {
  await using made = scene();
  await made.dheera.rerank({ ...request, model: "candidate" });
  await made.dheera.rerank(request);
  await expect.poll(() => told(made.events)).toHaveLength(1);
  expect(made.asked).toHaveLength(2);
});

it("samples: a part of the requests, decided one by one", async () => {
  const drawn = [0.1, 0.25, 0.9, 0.2];
  await using made = scene({ sample: 0.25, max_parallel: 9 }, byLengthTurned, { random: () => drawn.shift() ?? 1 });
  for (let round = 0; round < 6; round++) await made.dheera.rerank(request);
  await expect.poll(() => told(made.events)).toHaveLength(2);
  expect(drawn).toEqual([]);
});

it("waits for what says that the answer was given", async () => {
  await using made = scene();
  const written: (() => void)[] = [];
  await made.dheera.rerank(request, { afterAnswer: (run) => void written.push(run) });
  await turns();
  expect(made.asked).toEqual([]);
  written.forEach((run) => run());
  await expect.poll(() => told(made.events)).toHaveLength(1);
});

it("drops what is more than runs at one time, at once", async () => {
  const gate = Promise.withResolvers<void>();
  await using made = scene({ max_parallel: 2 }, (call) => gate.promise.then(() => byLength(call)));
  for (let round = 0; round < 4; round++) await made.dheera.rerank({ ...request, query: `q ${round}` });
  expect(told(made.events)).toMatchObject([
    { outcome: "dropped", reason: "max_parallel" },
    { outcome: "dropped", reason: "max_parallel" },
  ]);
  gate.resolve();
  await expect.poll(() => told(made.events)).toHaveLength(4);
  await made.dheera.rerank(request);
  await expect.poll(() => told(made.events).filter(({ outcome }) => outcome === "compared")).toHaveLength(3);
});

it("sends none that could pass the costs of a day, and begins anew the next day", async () => {
  let day = Date.UTC(2030, 0, 1, 12);
  const spending = new ShadowSpending(() => day);
  const paid: Answer = async (call) => ({ ...(await byLength(call)), usage: { cost: 0.4 } });
  await using made = scene({ max_cost_per_day: 1 }, paid, { spending, billing: "per-token" });
  const round = async (): Promise<string> => {
    const before = told(made.events).length;
    await made.dheera.rerank(request);
    await expect.poll(() => told(made.events)).toHaveLength(before + 1);
    const [event] = told(made.events).slice(-1);
    return event?.type !== "shadow" || event.outcome === "compared" ? "compared" : event.reason;
  };
  expect([await round(), await round(), await round()]).toEqual(["compared", "compared", "max_cost_per_day"]);
  day += 12 * 3_600_000;
  expect([await round(), await round(), await round()]).toEqual(["compared", "compared", "max_cost_per_day"]);
});

it("lets a request that alone is dearer than a day may be wait for ever, says so, and asks smaller ones the next day", async () => {
  let day = Date.UTC(2030, 0, 1, 12);
  const spending = new ShadowSpending(() => day);
  const paid: Answer = async (call) => ({ ...(await byLength(call)), usage: { cost: call.documents.length / 2 } });
  await using made = scene({ max_cost_per_day: 1 }, paid, { spending, billing: "per-token" });
  const round = async (documents: readonly string[]): Promise<string> => {
    const before = told(made.events).length;
    await made.dheera.rerank({ ...request, documents });
    await expect.poll(() => told(made.events)).toHaveLength(before + 1);
    const [event] = told(made.events).slice(-1);
    return event?.type !== "shadow" || event.outcome === "compared" ? "compared" : event.reason;
  };
  expect([await round(request.documents), await round(["a"])]).toEqual(["compared", "too_dear"]);
  day += 24 * 3_600_000;
  expect(await round(request.documents)).toBe("too_dear");
  expect(await round(["a"])).toBe("compared");
  expect(await round(["b"])).toBe("compared");
  expect(await round(["c"])).toBe("max_cost_per_day");
});

it("counts a cost that nobody said as the dearest that is known", async () => {
  const costs = [0.2, undefined, 0.2, 0.2, 0.2];
  const paid: Answer = async (call) => {
    const cost = costs.shift();
    return { ...(await byLength(call)), ...(cost !== undefined && { usage: { cost } }) };
  };
  await using made = scene({ max_cost_per_day: 0.85 }, paid, { billing: "per-token" });
  for (let round = 1; round <= 5; round++) {
    await made.dheera.rerank(request);
    await expect.poll(() => told(made.events)).toHaveLength(round);
  }
  expect(told(made.events).map((event) => event.type === "shadow" && event.outcome)).toEqual([
    ...Array.from({ length: 4 }, () => "compared"),
    "dropped",
  ]);
});

it("compares no order that is not the model's", async () => {
  await using made = scene();
  await made.dheera.rerank({ ...request, diversify: { lambda: 0.5 } });
  expect(told(made.events)).toMatchObject([{ outcome: "dropped", reason: "diversified" }]);
  expect(made.asked).toEqual([]);
});

it("keeps from its callers whatever fails in what watches and delays it", async () => {
  const unhandled: unknown[] = [];
  const note = (error: unknown): void => void unhandled.push(error);
  process.on("unhandledRejection", note);
  const fail = (): never => {
    throw new Error("of somebody's");
  };
  const isShadow = ({ type }: DheeraEvent): boolean => type === "shadow";
  const observer = { event: (event: DheeraEvent) => void (isShadow(event) && fail()) };
  const later = { afterAnswer: (run: () => void) => setTimeout(run, 0) };
  for (const [shadow, more, options] of [
    [{}, { observer }, {}],
    [{}, { observer }, later],
    [{ max_parallel: 1 }, { observer }, later],
    [{ max_cost_per_day: 0 }, { observer }, {}],
    [{}, { random: fail }, {}],
    [{ max_parallel: 1 }, {}, { afterAnswer: fail }],
    [{}, {}, { afterAnswer: (run: () => void) => (run(), run(), fail()) }],
  ] as const) {
    await using made = scene(shadow, byLengthTurned, more);
    const answers = await Promise.all([1, 2, 3].map(() => made.dheera.rerank(request, options)));
    expect(answers.map(({ results }) => results.length)).toEqual([4, 4, 4]);
    await turns();
  }
  process.off("unhandledRejection", note);
  expect(unhandled).toEqual([]);
});

it("compares a split with its own second model, also where the member that it chose had a fallback", async () => {
  const events: DheeraEvent[] = [];
  const provider: Provider = {
    name: "scripted",
    connect: ({ model }) => ({
      profile: () => ({ ...profile, fingerprint: model }),
      score: (call) =>
        model === "broken" ? Promise.reject(new DheeraError("provider_unreachable", "x")) : byLength(call),
    }),
  };
  const entry = (name: string): ModelEntry => ({ model_name: name, dheera_ai_params: { model: `scripted/${name}` } });
  const options = {
    combinations: [split],
    model_list: [
      ...["broken", "standby", "second"].map(entry),
      {
        model_name: "some",
        dheera_ai_params: {
          model: "split/some",
          split: { broken: 1, standby: 0 },
          shadow: { model: "second", sample: 1 },
        },
      },
    ],
    router_settings: { fallbacks: [{ broken: ["standby"] }], num_retries: 0 },
    observer: { event: (event: DheeraEvent) => void events.push(event) },
  };
  await using dheera = withShadows(createDheera({ ...options, providers: [provider] }), options);
  expect((await dheera.rerank({ ...request, model: "some" })).model).toBe("standby");
  await expect.poll(() => told(events)).toMatchObject([{ modelName: "some", shadow: "second", outcome: "compared" }]);
});

it("stops for the day where a limit of costs stands and an upstream that bills names none", async () => {
  await using made = scene({ max_cost_per_day: 1 }, byLength, { billing: "per-search" });
  for (let round = 1; round <= 2; round++) {
    await made.dheera.rerank(request);
    await expect.poll(() => told(made.events)).toHaveLength(round);
  }
  expect(told(made.events)).toMatchObject([{ outcome: "compared" }, { outcome: "dropped", reason: "unknown_cost" }]);
});

it("has no price for models that bill nobody", async () => {
  await using made = scene({ max_cost_per_day: 0.01 });
  for (let round = 1; round <= 2; round++) {
    await made.dheera.rerank(request);
    await expect.poll(() => told(made.events)).toHaveLength(round);
  }
  expect(told(made.events)).toMatchObject([{ outcome: "compared" }, { outcome: "compared" }]);
});

const never = new Promise<never>(() => {});
const garbage: Answer = () => Promise.resolve(JSON.parse('{"scores":[{"index":99,"score":"x"}]}'));

it.each<[string, Answer, string]>([
  ["fails", () => Promise.reject(new DheeraError("provider_auth", "scripted")), "provider_auth"],
  ["throws what is no error", () => Promise.reject(7), "provider_failed"],
  ["answers garbage", garbage, "provider_bad_response"],
  ["hangs", () => never, "timeout"],
])("gives the same answer when the second model %s", async (_, answer, code) => {
  const strict = (response: RerankResponse): string => JSON.stringify({ ...response, id: "" });
  await using alone = scene({ sample: 0 });
  await using made = scene({ timeout: 0.05 }, answer);
  expect(strict(await made.dheera.rerank(request))).toBe(strict(await alone.dheera.rerank(request)));
  await expect.poll(() => told(made.events)).toHaveLength(1);
  expect(told(made.events)[0]).toMatchObject({ outcome: "failed" });
  expect(JSON.stringify(told(made.events)[0])).toContain(code);
});

it("gives up those that run when it is closed, and takes no more", async () => {
  const made = scene({}, () => never);
  await made.dheera.rerank(request);
  const held: (() => void)[] = [];
  await made.dheera.rerank(request, { afterAnswer: (run) => void held.push(run) });
  await expect.poll(() => made.asked).toHaveLength(1);
  await made.dheera.close();
  held.forEach((run) => run());
  await turns();
  expect(made.asked).toHaveLength(1);
  expect(told(made.events)).toEqual([]);
});

it("compares what a fallback said with the fallback's own second model", async () => {
  const asked: string[] = [];
  const provider: Provider = {
    name: "scripted",
    connect: ({ model }) => ({
      profile: () => ({ ...profile, fingerprint: model }),
      score: (call) => {
        asked.push(model);
        return model === "broken" ? Promise.reject(new DheeraError("provider_unreachable", "x")) : byLength(call);
      },
    }),
  };
  const entry = (name: string, shadow?: string): ModelEntry => ({
    model_name: name,
    dheera_ai_params: {
      model: `scripted/${name}`,
      ...(shadow !== undefined && { shadow: { model: shadow, sample: 1 } }),
    },
  });
  const events: DheeraEvent[] = [];
  const options = {
    model_list: [entry("broken", "one"), entry("standby", "two"), entry("one"), entry("two")],
    router_settings: { fallbacks: [{ broken: ["standby"] }], num_retries: 0 },
    observer: { event: (event: DheeraEvent) => void events.push(event) },
  };
  await using dheera = withShadows(createDheera({ ...options, providers: [provider] }), options);
  await dheera.rerank({ ...request, model: "broken" });
  await expect.poll(() => told(events)).toMatchObject([{ modelName: "standby", shadow: "two", outcome: "compared" }]);
  expect(asked).not.toContain("one");
});

it("compares models that are made of others", async () => {
  const events: DheeraEvent[] = [];
  const provider: Provider = {
    name: "scripted",
    connect: ({ model }) => ({
      profile: () => ({ ...profile, fingerprint: model }),
      score: model === "second" ? byLengthTurned : byLength,
    }),
  };
  const options = {
    combinations: [cascade, fusion],
    model_list: [
      { model_name: "first", dheera_ai_params: { model: "scripted/first" } },
      { model_name: "second", dheera_ai_params: { model: "scripted/second" } },
      {
        model_name: "both",
        dheera_ai_params: {
          model: "fusion/both",
          models: ["first", "input_order"],
          shadow: { model: "narrowed", sample: 1 },
        },
      },
      {
        model_name: "narrowed",
        dheera_ai_params: { model: "cascade/narrowed", stages: [{ model: "second", keep: 2 }, { model: "first" }] },
      },
    ],
    observer: { event: (event: DheeraEvent) => void events.push(event) },
  };
  await using dheera = withShadows(createDheera({ ...options, providers: [provider] }), options);
  await dheera.rerank({ ...request, model: "both" });
  await expect
    .poll(() => told(events))
    .toMatchObject([
      { modelName: "both", shadow: "narrowed", outcome: "compared", overlap: 1, kendallTau: expect.any(Number) },
    ]);
});

it.each<[unknown, string]>([
  ["candidate", "shadow: must be an object such as"],
  [{ sample: 0.1 }, "shadow.model: is required"],
  [{ model: "candidate", sample: 1.5 }, "shadow.sample: must be a number from 0 to 1"],
  [{ model: "candidate", max_parallel: 0 }, "shadow.max_parallel: must be a whole number, 1 to 1000"],
  [{ model: "candidate", max_cost_per_day: -1 }, "shadow.max_cost_per_day: must be US dollars, not negative"],
  [{ model: "candidate", ratio: 1 }, "shadow.ratio: "],
  [{ model: "gone" }, 'shadow.model: "gone" is no model name of model_list; there are served'],
  [{ model: "served" }, 'shadow.model: "served" would be compared with itself'],
])("refuses the shadow %j", (shadow, message) => {
  const params = { model: "scripted/a", shadow: shadow as ShadowParams };
  const model_list = [{ model_name: "served", dheera_ai_params: params }];
  const provider: Provider = { name: "scripted", connect: () => ({ profile: () => profile, score: byLength }) };
  const connected = createDheera({ providers: [provider], model_list });
  expect(() => withShadows(connected, { model_list })).toThrow(message);
});

/** Lets everything that can go on without new input go on. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
}
