import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";

import type { ScoreCall, ScoreResult } from "../contract.ts";
import { createDheera } from "../dheera.ts";
import { mapCache } from "../fixtures/map-cache.ts";
import {
  type Deferred,
  deferred,
  pointwise,
  scoreAll,
  scriptedProvider,
  settle,
} from "../fixtures/scripted-provider.ts";
import { loadLateModules } from "../load-late-modules.ts";

// What the first of them would load otherwise, in no time that a test knows.
beforeAll(loadLateModules);
// Time stands still, so that no step rests because the machine is busy.
beforeEach(() => void vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

const texts = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${name} ${index}`);

/** A server with four places that answers when the test says so. */
function slowServer(): {
  dheera: ReturnType<typeof createDheera>;
  sent(): string[];
  answerNext(): Promise<void>;
  answerAll(): Promise<void>;
} {
  const open: { readonly call: ScoreCall; readonly answer: Deferred<ScoreResult> }[] = [];
  const provider = scriptedProvider(
    (call) => {
      const answer = deferred<ScoreResult>();
      open.push({ call, answer });
      return answer.promise;
    },
    { ...pointwise, limits: { documentsPerCall: 4, documentsInFlight: 4 } },
  );
  const dheera = createDheera({
    providers: [provider],
    cache: mapCache(),
    model_list: [{ model_name: "m", dheera_ai_params: { model: "scripted/one" } }],
  });
  const answerNext = async (): Promise<void> => {
    const next = open.shift();
    if (next) next.answer.resolve(await scoreAll(next.call));
    await settle();
  };
  return {
    dheera,
    sent: () => [...provider.sent()],
    answerNext,
    answerAll: async () => {
      while (open.length > 0) await answerNext();
    },
  };
}

describe("requests in the background", () => {
  it("are asked for by a request or by its tenant, and answered as any other", async () => {
    const provider = scriptedProvider();
    const dheera = createDheera({ providers: [provider] });
    const request = { model: "scripted/one", query: "q", documents: texts("text", 5) };
    const expected = (await dheera.rerank(request)).results;
    expect((await dheera.rerank({ ...request, priority: "background" })).results).toEqual(expected);
    expect((await dheera.rerank(request, { tenant: { id: "t", priority: "background" } })).results).toEqual(expected);
  });

  it.each(["low", "Background", -1, 1.5, true])("are not asked for by priority: %j", async (priority) => {
    const dheera = createDheera({ providers: [scriptedProvider()] });
    const request: object = { model: "scripted/one", query: "q", documents: ["a"], priority };
    await expect(Reflect.apply(dheera.rerank, dheera, [request])).rejects.toMatchObject({
      code: "invalid_request",
      param: "priority",
    });
  });

  it("wait for all others", async () => {
    const server = slowServer();
    const rank = (query: string, priority?: "background"): Promise<unknown> =>
      server.dheera.rerank({ model: "m", query, documents: texts(query, 4), priority });
    const ends = [rank("first")];
    await settle();
    ends.push(rank("batch", "background"), rank("second"), rank("third"));
    await settle();
    expect(server.dheera.deployments()[0]).toMatchObject({
      documentsQueued: 8,
      background: { documentsInFlight: 0, documentsQueued: 4 },
    });
    await server.answerAll();
    await Promise.all(ends);
    expect(server.sent().map((text) => text.split(" ")[0])).toEqual(
      ["first", "second", "third", "batch"].flatMap((name) => [name, name, name, name]),
    );
  });

  it("go as somebody else's when they come to wait for the same texts", async () => {
    const server = slowServer();
    const rank = (query: string, priority?: "background"): Promise<unknown> =>
      server.dheera.rerank({ model: "m", query, documents: texts(query, 4), priority });
    const first = rank("first");
    await settle();
    const ends = [rank("wanted", "background"), rank("batch", "background")];
    await settle();
    const wanted = rank("wanted");
    await settle();
    const last = rank("last");
    await settle();
    await server.answerNext();
    await first;
    await server.answerNext();
    await wanted;
    await server.answerAll();
    await Promise.all([...ends, last]);
    expect(server.sent().map((text) => text.split(" ")[0])).toEqual(
      ["first", "wanted", "last", "batch"].flatMap((name) => [name, name, name, name]),
    );
  });

  it("keep nobody waiting for more than they asked for", async () => {
    const server = slowServer();
    const rank = (count: number, priority?: "background"): Promise<unknown> =>
      server.dheera.rerank({ model: "m", query: "q", documents: texts("text", count), priority });
    const blocking = server.dheera.rerank({ model: "m", query: "other", documents: texts("other", 4) });
    await settle();
    const large = rank(40, "background");
    await settle();
    const small = rank(4);
    await settle();
    await server.answerNext();
    await blocking;
    // Its own texts, sent by itself, before any of the large one.
    await server.answerNext();
    await small;
    await server.answerAll();
    await large;
  });

  it("leave one turn of the event loop at least between two steps", async () => {
    const dheera = createDheera({ providers: [scriptedProvider()] });
    const running = new Set(Array.from({ length: 20 }, (_, number) => number));
    const all = [...running].map((number) =>
      dheera
        .rerank({ model: "scripted/one", query: `${number}`, documents: texts("text", 5), priority: "background" })
        .then(() => running.delete(number)),
    );
    let turns = 0;
    while (running.size > 0) {
      await new Promise((resolve) => void setImmediate(resolve));
      turns++;
    }
    await Promise.all(all);
    expect(turns).toBeGreaterThan(1);
  });

  it("are never hedged", async () => {
    const slow = deferred<ScoreResult>();
    const provider = scriptedProvider((call) => (call.query === "slow" ? slow.promise : scoreAll(call)));
    const dheera = createDheera({
      providers: [provider],
      model_list: ["a", "b"].map((id) => ({
        model_name: "m",
        dheera_ai_params: { model: "scripted/one", hedge: true },
        model_info: { id },
      })),
    });
    for (let request = 0; request < 60; request++)
      await dheera.rerank({ model: "m", query: `${request}`, documents: ["a"] });
    const ranking = dheera.rerank({ model: "m", query: "slow", documents: ["a"], priority: "background" });
    await settle();
    // All calls before took no time at all, and a server is not silent before a tenth of a second.
    await vi.advanceTimersByTimeAsync(50);
    await settle();
    expect(provider.calls.length).toBe(61);
    slow.resolve({ scores: [{ index: 0, score: 1 }] });
    await ranking;
  });
});
