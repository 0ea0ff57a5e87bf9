import { describe, expect, it } from "vitest";

import type { Limits } from "../contract.ts";
import { createDheera } from "../dheera.ts";
import type { Dheera } from "../dheera.ts";
import { deferred, pointwise, scoreAll, scriptedProvider, settle } from "../fixtures/scripted-provider.ts";
import type { RouterSettings } from "../routing/settings.ts";

const flood = { id: "flood" };
const small = { id: "small" };

describe("calls that count tokens", () => {
  it("take no more places than calls that score, and leave the next one to another tenant", async () => {
    const server = countingServer({ documentsPerCall: 4, documentsInFlight: 8 });
    const requests = Array.from({ length: 20 }, (_, number) => server.ask(number, 12, flood));
    await expect.poll(() => server.counting()).toBe(8);
    const other = server.dheera.rerank({ model: "m", query: "q", documents: ["short"] }, { tenant: small });
    await settle();
    expect(server.scored()).toEqual([]);
    // Twelve calls of the flood were waiting before it.
    for (let answers = 0; answers < 4; answers++) {
      server.answerOne();
      await settle();
    }
    expect(server.scored()).toEqual(["short"]);
    expect((await other).results).toHaveLength(1);
    server.answerAll();
    for (const { results } of await Promise.all(requests)) expect(results).toHaveLength(12);
    expect(server.most()).toBe(8);
  });

  it("never wait for a place that their own request holds", async () => {
    const server = countingServer({ documentsPerCall: 1, documentsInFlight: 1 });
    server.answerAll();
    const requests = Array.from({ length: 10 }, (_, number) => server.ask(number, 3, flood));
    for (const { results } of await Promise.all(requests)) expect(results).toHaveLength(3);
    expect(server.most()).toBe(1);
  });

  it("are refused where too many documents of their tenant wait", async () => {
    const server = countingServer({ documentsPerCall: 4, documentsInFlight: 4 }, { max_queued_documents: 16 });
    const requests = Array.from({ length: 30 }, (_, number) => server.ask(number, 8, flood));
    const reasons: unknown[] = [];
    const ends = requests.map((request) => request.catch((reason: unknown) => reasons.push(reason)));
    await settle();
    // No count has been answered yet.
    expect(reasons.length).toBeGreaterThan(0);
    server.answerAll();
    await Promise.all(ends);
    for (const reason of reasons) expect(reason).toMatchObject({ code: "provider_overloaded", status: 503 });
  });

  it("give their places back when their request is cancelled", async () => {
    const server = countingServer({ documentsPerCall: 4, documentsInFlight: 4 });
    const leaving = new AbortController();
    const gone = server.ask(0, 12, flood, leaving.signal);
    await settle();
    expect(server.counting()).toBe(1);
    leaving.abort();
    await expect(gone).rejects.toMatchObject({ code: "cancelled" });
    expect(server.dheera.deployments()[0]).toMatchObject({ documentsInFlight: 0, documentsQueued: 0 });
    server.answerAll();
    expect((await server.ask(1, 2, flood)).results).toHaveLength(2);
  });
});

interface CountingServer {
  readonly dheera: Dheera;
  /** Sends so many documents that are longer than the model reads. */
  ask(number: number, documents: number, tenant: { id: string }, signal?: AbortSignal): ReturnType<Dheera["rerank"]>;
  /** Texts that are being counted. */
  counting(): number;
  /** The most that were at one time. */
  most(): number;
  /** Documents that were scored, or are. */
  scored(): readonly string[];
  /** The first counting call that waits is answered. */
  answerOne(): void;
  /** All that wait and all that come. */
  answerAll(): void;
}

/** A model of 50 tokens, whose server answers counting calls when the test says so. */
function countingServer(limits: Limits, router_settings: RouterSettings = {}): CountingServer {
  const waiting: (() => void)[] = [];
  let isHeld = true;
  let counting = 0;
  let most = 0;
  const provider = scriptedProvider(
    scoreAll,
    { ...pointwise, limits: { ...limits, tokensPerDocument: 50 } },
    {
      countTokens: async (texts) => {
        counting += texts.length;
        most = Math.max(most, counting);
        const gate = deferred<void>();
        waiting.push(() => gate.resolve());
        if (!isHeld) gate.resolve();
        await gate.promise;
        counting -= texts.length;
        return texts.map((text) => Math.ceil(text.length / 4) + 2);
      },
    },
  );
  const params = { model: "scripted/m", long_documents: "chunk_max" } as const;
  const dheera = createDheera({
    providers: [provider],
    model_list: [{ model_name: "m", dheera_ai_params: params }],
    router_settings,
  });
  return {
    dheera,
    ask: (number, documents, tenant, signal) =>
      dheera.rerank(
        {
          model: "m",
          query: `query ${number}`,
          documents: Array.from({ length: documents }, (_, index) => `${index} of ${number} `.repeat(40)),
        },
        { tenant, signal },
      ),
    counting: () => counting,
    most: () => most,
    scored: () => provider.sent(),
    answerOne: () => waiting.shift()?.(),
    answerAll: () => {
      isHeld = false;
      for (const answer of waiting.splice(0)) answer();
    },
  };
}
