import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";

import { createDheera } from "../dheera.ts";
import { pointwise, scriptedProvider } from "../fixtures/scripted-provider.ts";
import { loadLateModules } from "../load-late-modules.ts";

beforeAll(loadLateModules);
beforeEach(() => void vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

describe("requests in the background", () => {
  it("wake no replica that others have not used", async () => {
    const provider = scriptedProvider();
    const dheera = createDheera({
      providers: [provider],
      model_list: ["awake", "asleep"].map((id) => ({
        model_name: "m",
        dheera_ai_params: { model: `scripted/${id}`, weight: id === "awake" ? 1 : 0 },
        model_info: { id },
      })),
    });
    const rank = (query: number, priority?: "background"): Promise<unknown> =>
      dheera.rerank({ model: "m", query: `${query}`, documents: ["a"], priority });
    await rank(0, "background");
    await rank(1);
    for (let query = 2; query < 50; query++) await rank(query, "background");
    expect(provider.calls.map(({ model }) => model)).toEqual(Array.from({ length: 50 }, () => "awake"));
  });

  it("use all replicas where nobody else comes", async () => {
    const provider = scriptedProvider();
    const dheera = createDheera({
      providers: [provider],
      model_list: ["a", "b"].map((id) => ({
        model_name: "m",
        dheera_ai_params: { model: `scripted/${id}` },
        model_info: { id },
      })),
    });
    for (let query = 0; query < 100; query++)
      await dheera.rerank({ model: "m", query: `${query}`, documents: ["a"], priority: "background" });
    expect(new Set(provider.calls.map(({ model }) => model))).toEqual(new Set(["a", "b"]));
  });

  it("leave others the calls of a minute that they had in the one before", async () => {
    const dheera = createDheera({
      providers: [scriptedProvider()],
      model_list: [{ model_name: "m", dheera_ai_params: { model: "scripted/one", rpm: 10 } }],
    });
    const rank = (priority?: "background"): Promise<unknown> =>
      dheera.rerank({ model: "m", query: "q", documents: ["a"], priority });
    vi.advanceTimersByTime(60_000);
    for (let call = 0; call < 6; call++) await rank();
    vi.advanceTimersByTime(60_000);
    for (let call = 0; call < 4; call++) await rank("background");
    await expect(rank("background")).rejects.toMatchObject({ code: "rate_limited", retryable: true });
    for (let call = 0; call < 6; call++) await rank();
    await expect(rank()).rejects.toMatchObject({ code: "rate_limited" });
  });

  it("send calls as small as others need them", async () => {
    const provider = scriptedProvider(undefined, {
      ...pointwise,
      limits: { documentsPerCall: 32, documentsInFlight: 512 },
    });
    const dheera = createDheera({
      providers: [provider],
      model_list: [{ model_name: "m", dheera_ai_params: { model: "scripted/one" } }],
    });
    const rank = (priority?: "background"): Promise<unknown> => {
      const documents = Array.from({ length: 64 }, (_, index) => `text ${index}`);
      return dheera.rerank({ model: "m", query: "q", documents, priority });
    };
    await rank("background");
    expect(provider.calls.map(({ documents }) => documents.length)).toEqual([32, 32]);
    await rank();
    const before = provider.calls.length;
    await rank("background");
    const sizes = provider.calls.slice(before).map(({ documents }) => documents.length);
    expect(Math.max(...sizes)).toBeLessThan(32);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(64);
  });
});
