import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import {
  createDheera,
  type Dheera,
  isDheeraError,
  type ScoreCall,
  type Scorer,
  type ScoreResult,
} from "@dheera-ai/core";
import { testProvider, testTarget } from "@dheera-ai/core/testing";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";

import { eventually } from "../../../../test/support/eventually.ts";
import { createFolder } from "../../../../test/support/temporary-folder.ts";
import { sharedChildren } from "../process/shared-children.ts";
import { local } from "./local.ts";

const directory = fileURLToPath(new URL("../fixtures/models", import.meta.url));
const provider = local({ directory, environment: {} });
const model = "./cross-encoder";
const signal = new AbortController().signal;

/** Keeps the child of the model that most tests ask, so that none of them waits for its start. */
let kept: Scorer;
beforeAll(async () => {
  kept = provider.connect(testTarget({ model }));
  await kept.wake?.(signal);
});
afterAll(() => kept.close?.());

testProvider({ provider, model }, { describe, test });

describe("a cross-encoder", () => {
  it("gives probabilities, or logits where those are asked for", async () => {
    const probabilities = await score(kept, ["a", "b"]);
    const logits = await score(kept, ["a", "b"], { params: { rawScores: true } });
    expect(logits.scoreKind).toBe("logit");
    expect(probabilities.scoreKind).toBeUndefined();
    expect((await kept.profile(signal)).scoreKind).toBe("probability");
    for (const [position, { score: logit }] of logits.scores.entries())
      expect(probabilities.scores[position]?.score).toBeCloseTo(1 / (1 + Math.exp(-logit)), 12);
  });

  it("scores the positive one of several labels, which the configuration names", async () => {
    const unnamed = await connected("./cross-encoder-labels", { positive_label: "entailment" });
    const numbered = await connected("./cross-encoder-labels", { positive_label: 0 });
    const [entailment] = (await score(unnamed, ["a"])).scores;
    const [contradiction] = (await score(numbered, ["a"])).scores;
    expect(entailment?.score).toBeGreaterThan(0);
    expect((entailment?.score ?? 0) + (contradiction?.score ?? 0)).toBeLessThan(1);
    await Promise.all([unnamed.close?.(), numbered.close?.()]);
  });

  it("counts true tokens, and says what it cut", async () => {
    const long = "word ".repeat(500);
    const { usage, truncated } = await score(kept, ["a", long, "b"]);
    const { limits } = await kept.profile(signal);
    expect(truncated).toEqual([1]);
    const [a, longCounted] = (await kept.countTokens?.(["a", long], signal)) ?? [];
    expect(longCounted).toBeGreaterThan(limits.tokensPerDocument ?? 0);
    expect(a).toBeLessThan(10);
    expect(usage?.inputTokens).toBeGreaterThan(limits.tokensPerDocument ?? 0);
    expect(usage?.inputTokens).toBeLessThan((limits.tokensPerDocument ?? 0) + 100);
  });

  it("says that it cut a query that is longer than the model", async () => {
    const { limits } = await kept.profile(signal);
    const { warnings } = await score(kept, ["a"], { query: "word ".repeat(500) });
    expect(warnings).toEqual([`the query was cut: the model reads ${limits.tokensPerDocument} tokens at once`]);
    expect((await score(kept, ["a"])).warnings).toBeUndefined();
  });

  it("cuts a document where max_tokens_per_doc says, and refuses what is too long where it may not cut", async () => {
    const text = "word ".repeat(3);
    expect((await score(kept, [text])).truncated).toBeUndefined();
    expect((await score(kept, [text], { params: { maxTokensPerDocument: 2 } })).truncated).toEqual([0]);
    await expect(score(kept, ["word ".repeat(500)], { params: { truncate: false } })).rejects.toMatchObject({
      code: "provider_rejected",
    });
  });

  it("scores a document the same in any company", async () => {
    const [alone] = (await score(kept, ["the moon"])).scores;
    const among = (await score(kept, ["sun", "the moon", "x".repeat(900)])).scores;
    expect(among[1]?.score).toBe(alone?.score);
  });
});

describe("an embedding model", () => {
  it("gives cosines, and has no other scores to give", async () => {
    const scorer = await connected("./bi-encoder-mean");
    const { scores, scoreKind } = await score(scorer, ["a", "b"], { params: { rawScores: true } });
    expect((await scorer.profile(signal)).scoreKind).toBe("cosine");
    expect(scoreKind).toBeUndefined();
    for (const { score: cosine } of scores) expect(Math.abs(cosine)).toBeLessThanOrEqual(1);
    const [same] = (await score(scorer, ["q"], { query: "q" })).scores;
    expect(same?.score).toBeGreaterThan(0.5);
    await scorer.close?.();
  });
});

describe("the profile", () => {
  it("is known before any child is started, and at once from then on", async () => {
    const scorer = provider.connect(testTarget({ model: "./bi-encoder-cls" }));
    expect(await scorer.profile(signal)).toMatchObject({
      scoring: "pointwise",
      scoreKind: "cosine",
      billing: "compute",
      price: { perToken: 0 },
      server: expect.stringMatching(/^onnxruntime-node 1\./),
      fingerprint: expect.stringMatching(/^local /),
    });
    expect(scorer.profile(signal)).not.toBeInstanceOf(Promise);
    await scorer.close?.();
  });

  it("says that it asks no server, where an address or a key was given", async () => {
    const scorer = provider.connect(testTarget({ model, apiBase: "http://localhost:1", apiKey: "key" }));
    expect((await scorer.profile(signal)).warnings).toEqual([
      "local ranks on this machine: api_base and api_key had no effect; to ask a server, name its provider in model",
    ]);
    await scorer.close?.();
  });

  it("differs where scores do", async () => {
    const fingerprints = await Promise.all(
      [{}, { max_length: 16 }, { runtime: "wasm" }].map(async (options) => {
        const scorer = provider.connect(testTarget({ model, options }));
        const { fingerprint } = await scorer.profile(signal);
        await scorer.close?.();
        return fingerprint;
      }),
    );
    expect(new Set(fingerprints).size).toBe(3);
    expect(fingerprints[0]).toBe((await kept.profile(signal)).fingerprint);
  });
});

describe("a model that is not there or of no use", () => {
  it.each([
    { name: "acme/absent", code: "model_not_found", message: /dheera_ai pull acme\/absent/ },
    { name: "./absent", code: "model_not_found", message: /absent/ },
    { name: "../cross-encoder", code: "invalid_request", message: /upwards/ },
  ])("is refused by every call and by check: $name", async ({ name, code, message }) => {
    const scorer = provider.connect(testTarget({ model: name }));
    const refusal = { code, message: expect.stringMatching(message) };
    await expect(score(scorer, ["a"])).rejects.toMatchObject(refusal);
    await expect(scorer.profile(signal)).rejects.toMatchObject(refusal);
    await expect(scorer.check?.(signal)).rejects.toMatchObject(refusal);
    await scorer.close?.();
  });

  it("is refused where weights alone exceed the limit of memory, before anything is loaded", async () => {
    const scorer = provider.connect(testTarget({ model, options: { memory_limit_mb: 0.001 } }));
    const refusal = { code: "invalid_request", param: "memory_limit_mb" };
    await expect(scorer.profile(signal)).rejects.toMatchObject(refusal);
    await expect(scorer.check?.(signal)).rejects.toMatchObject(refusal);
    await scorer.close?.();
  });

  it("is refused where it gives no logits, and says so to health checks from then on", async () => {
    const scorer = provider.connect(testTarget({ model: "./without-logits" }));
    const refusal = { code: "provider_failed", permanent: true, message: expect.stringContaining("logits") };
    await expect(score(scorer, ["a"])).rejects.toMatchObject(refusal);
    await expect(scorer.check?.(signal)).rejects.toMatchObject(refusal);
    await scorer.close?.();
  });

  it("serves as soon as it is put there", async () => {
    await using folder = await createFolder();
    const scorer = local({ directory: folder.path, environment: {} }).connect(testTarget({ model: "./late" }));
    await expect(score(scorer, ["a"])).rejects.toMatchObject({ code: "model_not_found" });
    await cp(join(directory, "cross-encoder"), join(folder.path, "late"), { recursive: true });
    expect((await score(scorer, ["a"])).scores).toHaveLength(1);
    await scorer.close?.();
  });
});

describe("a model that is warm", () => {
  it("starts with its deployment, and is not started where the parameters are only checked", async () => {
    const params = { model: "local/./bi-encoder-cls", warm: true };
    const before = sharedChildren.pids.length;
    await dheeraWith(params).close();
    await using dheera = dheeraWith(params);
    await eventually(() => sharedChildren.pids.length).toBe(before + 1);
    expect(dheera.deployments()).toMatchObject([{ calls: 0 }]);
  });

  it("is one process for deployments with the same settings, and keeps it while one of them is left", async () => {
    const params = { model: "local/./bi-encoder-cls", warm: true };
    const before = sharedChildren.pids;
    const first = dheeraWith(params);
    await eventually(() => sharedChildren.pids.length).toBe(before.length + 1);
    const { pids } = sharedChildren;
    const second = dheeraWith(params);
    await first.close();
    await second.rerank({ model: "m", query: "q", documents: ["a"] });
    expect(sharedChildren.pids).toEqual(pids);
    await second.close();
    expect(sharedChildren.pids).toEqual(before);
  });
});

describe("a sleeping model", () => {
  it("is not woken by a check", async () => {
    const before = sharedChildren.pids;
    await using dheera = dheeraWith({ model: "local/./bi-encoder-pooled" });
    await dheera.check("one", signal, { withoutCalls: true });
    await dheera.check("one");
    expect(sharedChildren.pids).toEqual(before);
    await dheera.rerank({ model: "m", query: "q", documents: ["a"] });
    expect(sharedChildren.pids).toHaveLength(before.length + 1);
    await dheera.check("one");
  });
});

describe("a model whose files are replaced while it sleeps", () => {
  it("is loaded anew, under another fingerprint", async () => {
    await using folder = await createFolder();
    const put = (name: string): Promise<void> =>
      cp(join(directory, name), join(folder.path, "m"), { recursive: true, force: true });
    await put("cross-encoder");
    const scorer = local({ directory: folder.path, environment: {} }).connect(
      testTarget({ model: "./m", options: { idle_timeout: 0.01 } }),
    );
    const before = await score(scorer, ["a"]);
    const { fingerprint } = await scorer.profile(signal);
    expect((await scorer.confirm?.(signal))?.fingerprint).toBe(fingerprint);
    await eventually(() => sharedChildren.pids.length).toBe(1);

    await put("cross-encoder-labels");
    const labels = { "0": "no", "1": "yes", "2": "maybe" };
    const config = JSON.parse(await readFile(join(directory, "cross-encoder-labels/config.json"), "utf8"));
    await writeFile(join(folder.path, "m/config.json"), JSON.stringify({ ...config, id2label: labels }));
    expect((await scorer.confirm?.(signal))?.fingerprint).not.toBe(fingerprint);
    const after = await score(scorer, ["a"]);
    expect(after.scores[0]?.score).not.toBe(before.scores[0]?.score);
    expect((await scorer.profile(signal)).fingerprint).not.toBe(fingerprint);
    await scorer.close?.();
    expect(sharedChildren.pids).toHaveLength(1);
  });
});

describe("a child of a real model", () => {
  // Windows has no signals: `kill` ends a process there.
  it.skipIf(process.platform === "win32")(
    "is not ended by what a terminal or a service manager sends to all processes",
    async () => {
      const { pids } = sharedChildren;
      for (const pid of pids) for (const name of ["SIGINT", "SIGTERM"] as const) process.kill(pid, name);
      await score(kept, ["a"]);
      expect(sharedChildren.pids).toEqual(pids);
    },
  );

  it("is free for others as soon as a call is given up", async () => {
    const given = new AbortController();
    const long = Array.from({ length: 32 }, (_, position) => `${position} ${"word ".repeat(400)}`);
    const outcome = score(kept, long, { signal: given.signal });
    given.abort(new Error("gone"));
    await expect(outcome).rejects.toThrow("gone");
    expect((await score(kept, ["a"])).scores).toHaveLength(1);
  });

  it("is started again when it is killed in the middle of a call, which then has all its scores", async () => {
    const documents = Array.from({ length: 32 }, (_, position) => `${position} ${"word ".repeat(400)}`);
    const undisturbed = await score(kept, documents);
    const underWay = score(kept, documents);
    for (const pid of sharedChildren.pids) process.kill(pid, "SIGKILL");
    expect(await underWay).toEqual(undisturbed);
  });
});

async function connected(name: string, options: Readonly<Record<string, unknown>> = {}): Promise<Scorer> {
  const scorer = provider.connect(testTarget({ model: name, options }));
  await scorer.wake?.(signal);
  return scorer;
}

/** As core does, it waits for a model that is starting. */
async function score(
  scorer: Scorer,
  documents: readonly string[],
  call: Partial<ScoreCall> = {},
): Promise<ScoreResult> {
  const whole: ScoreCall = { query: "what is it", documents, params: {}, providerOptions: {}, signal, ...call };
  try {
    return await scorer.score(whole);
  } catch (error) {
    if (!isDheeraError(error) || error.code !== "provider_starting") throw error;
    await scorer.wake?.(signal);
    return scorer.score(whole);
  }
}

function dheeraWith(params: { readonly model: string } & Readonly<Record<string, unknown>>): Dheera {
  return createDheera({
    providers: [provider],
    model_list: [{ model_name: "m", dheera_ai_params: params, model_info: { id: "one" } }],
  });
}
