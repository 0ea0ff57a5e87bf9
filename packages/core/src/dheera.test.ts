import { describe, expect, it } from "vitest";

import { type Dheera, createDheera } from "./dheera.ts";
import { DheeraError } from "./errors.ts";
import { deferred, pointwise, scoreAll, scriptedProvider, settle } from "./fixtures/scripted-provider.ts";

const request = { model: "scripted/m", query: "q", documents: ["a", "b"] };

describe("closing", () => {
  it("closes each deployment once, those of model_list and those that requests named", async () => {
    let closed = 0;
    const provider = scriptedProvider(scoreAll, pointwise, { close: () => void closed++ });
    const dheera = createDheera({
      providers: [provider],
      model_list: [
        { model_name: "m", dheera_ai_params: { model: "scripted/one" } },
        { model_name: "m", dheera_ai_params: { model: "scripted/two" } },
      ],
    });
    await dheera.rerank(request);
    await Promise.all([dheera.close(), dheera.close()]);
    await dheera.close();
    expect(closed).toBe(3);
  });

  it("waits for requests that run, refuses new ones, and closes after the last has its scores", async () => {
    const order: string[] = [];
    const answer = deferred<void>();
    const provider = scriptedProvider(
      async (call) => {
        await answer.promise;
        order.push("scored");
        return scoreAll(call);
      },
      pointwise,
      { close: () => void order.push("closed") },
    );
    const dheera = createDheera({ providers: [provider] });
    const running = dheera.rerank(request);
    await settle();
    const closing = dheera.close();
    await expect(dheera.rerank(request)).rejects.toMatchObject({
      code: "invalid_request",
      message: expect.stringContaining("closed"),
    });
    await settle();
    expect(order).toEqual([]);
    answer.resolve();
    expect((await running).results).toHaveLength(2);
    await closing;
    expect(order).toEqual(["scored", "closed"]);
  });

  it("closes all deployments although one of them fails to, and says so", async () => {
    const closed: string[] = [];
    const provider = scriptedProvider();
    const dheera = createDheera({
      providers: [
        {
          name: "scripted",
          connect: (target) => ({
            ...provider.connect(target),
            close: async () => {
              closed.push(target.model);
              if (target.model === "one") throw new Error("cannot be unloaded");
            },
          }),
        },
      ],
      model_list: ["one", "two"].map((model) => ({
        model_name: model,
        dheera_ai_params: { model: `scripted/${model}` },
      })),
    });
    await expect(dheera.close()).rejects.toThrow("cannot be unloaded");
    expect(closed).toEqual(["one", "two"]);
  });

  it("ends the warm-up of a server that is starting", async () => {
    const woken = deferred<AbortSignal>();
    const provider = scriptedProvider();
    const starting = createDheera({
      providers: [
        {
          name: "scripted",
          connect: (target) => ({
            ...provider.connect(target),
            profile: () => Promise.reject(new DheeraError("provider_starting", "the model loads", { retryAfter: 60 })),
            wake: (signal) => {
              woken.resolve(signal);
              return new Promise(() => {});
            },
          }),
        },
      ],
    });
    const outcome = starting.rerank({ ...request, timeout: 0.05 }).catch((error: unknown) => error);
    const signal = await woken.promise;
    expect(await outcome).toMatchObject({ code: "provider_starting" });
    await starting.close();
    expect(signal.aborted).toBe(true);
  });

  it("does not wait for a request that was given something else for a signal", async () => {
    const dheera = createDheera({ providers: [scriptedProvider()] });
    const signal: unknown = "not a signal";
    await expect(dheera.rerank(request, { signal: signal as AbortSignal })).rejects.toThrow();
    await dheera.close();
  });

  it("happens at the end of a block with await using", async () => {
    let closed = 0;
    {
      await using dheera = createDheera({
        providers: [scriptedProvider(scoreAll, pointwise, { close: () => void closed++ })],
      });
      await dheera.rerank(request);
    }
    expect(closed).toBe(1);
  });

  it("closes a deployment that a request named once it is no longer kept and no request uses it", async () => {
    const closed: string[] = [];
    const first = deferred<void>();
    const provider = scriptedProvider(async (call, model) => {
      if (model === "m0") await first.promise;
      return scoreAll(call);
    });
    const dheera = createDheera({
      providers: [
        {
          name: "scripted",
          connect: (target) => ({ ...provider.connect(target), close: () => void closed.push(target.model) }),
        },
      ],
    });
    const slow = dheera.rerank({ ...request, model: "scripted/m0" });
    for (let number = 1; number <= 1_001; number++) await dheera.rerank({ ...request, model: `scripted/m${number}` });
    expect(closed).toEqual(["m1"]);
    first.resolve();
    await slow;
    await settle();
    expect(closed).toEqual(["m1", "m0"]);
  });

  it("ends the question for a profile that nothing waits for any more", async () => {
    const asked = deferred<AbortSignal>();
    const provider = scriptedProvider();
    const dheera = createDheera({
      providers: [
        {
          name: "scripted",
          connect: (target) => ({
            ...provider.connect(target),
            profile: (signal) => {
              asked.resolve(signal);
              return new Promise(() => {});
            },
          }),
        },
      ],
    });
    const outcome = dheera.rerank({ ...request, timeout: 0.05 }).catch((error: unknown) => error);
    const signal = await asked.promise;
    expect(await outcome).toMatchObject({ code: "timeout" });
    await dheera.close();
    expect(signal.aborted).toBe(true);
  });

  it("waits for a call that goes on although its request was cancelled", async () => {
    const order: string[] = [];
    const answer = deferred<void>();
    const provider = scriptedProvider(
      async (call) => {
        await answer.promise;
        order.push("scored");
        return scoreAll(call);
      },
      pointwise,
      { close: () => void order.push("closed") },
    );
    const dheera = createDheera({ providers: [provider] });
    const controller = new AbortController();
    const running = dheera.rerank(request, { signal: controller.signal }).catch((error: unknown) => error);
    await settle();
    controller.abort();
    await running;
    const closing = dheera.close();
    await settle();
    answer.resolve();
    await closing;
    expect(order).toEqual(["scored", "closed"]);
  });

  it("waits for a check, and refuses one afterwards", async () => {
    const order: string[] = [];
    const answer = deferred<void>();
    const provider = scriptedProvider(
      async (call) => {
        await answer.promise;
        order.push("scored");
        return scoreAll(call);
      },
      pointwise,
      { close: () => void order.push("closed") },
    );
    const dheera = createDheera({
      providers: [provider],
      model_list: [{ model_name: "m", dheera_ai_params: { model: "scripted/m" }, model_info: { id: "one" } }],
    });
    const checking = dheera.check("one");
    await settle();
    const closing = dheera.close();
    await settle();
    answer.resolve();
    await checking;
    await closing;
    expect(order).toEqual(["scored", "closed"]);
    await expect(dheera.check("one")).rejects.toMatchObject({ code: "invalid_request" });
  });

  it("checks a deployment without scoring where its provider can tell so", async () => {
    let isThere = true;
    const provider = scriptedProvider(scoreAll, pointwise, {
      check: async () => {
        if (!isThere) throw new DheeraError("model_not_found", "it is gone");
      },
    });
    await using dheera = createDheera({
      providers: [provider],
      model_list: [{ model_name: "m", dheera_ai_params: { model: "scripted/m" }, model_info: { id: "one" } }],
    });
    await dheera.check("one");
    isThere = false;
    for (const withoutCalls of [false, true])
      await expect(dheera.check("one", undefined, { withoutCalls })).rejects.toMatchObject({
        code: "model_not_found",
        deployment: "one",
      });
    expect(provider.calls).toEqual([]);
  });

  it("checks nothing without calls where its provider can tell nothing so", async () => {
    const provider = scriptedProvider();
    await using dheera = createDheera({
      providers: [provider],
      model_list: [{ model_name: "m", dheera_ai_params: { model: "scripted/m" }, model_info: { id: "one" } }],
    });
    await dheera.check("one", undefined, { withoutCalls: true });
    expect(provider.calls).toEqual([]);
    await dheera.check("one");
    expect(provider.calls).toHaveLength(1);
  });

  it("learns what a deployment is, and what it costs, without scoring", async () => {
    const provider = scriptedProvider(scoreAll, { ...pointwise, price: { perSearchUnit: 0.002 } });
    await using dheera = createDheera({
      providers: [provider],
      model_list: [{ model_name: "m", dheera_ai_params: { model: "scripted/m" }, model_info: { id: "one" } }],
    });
    await dheera.check("one", undefined, { onlyProfile: true });
    expect(provider.calls).toEqual([]);
    expect(dheera.deployments()).toMatchObject([{ profile: { price: { perSearchUnit: 0.002 } } }]);
  });

  it("waits for deployments that are no longer kept and still close", async () => {
    const unloaded: string[] = [];
    const provider = scriptedProvider();
    const dheera = createDheera({
      providers: [
        {
          name: "scripted",
          connect: (target) => ({
            ...provider.connect(target),
            close: async () => {
              await new Promise((resolve) => setTimeout(resolve, target.model === "m1" ? 100 : 0));
              unloaded.push(target.model);
            },
          }),
        },
      ],
    });
    for (let number = 1; number <= 1_001; number++) await dheera.rerank({ ...request, model: `scripted/m${number}` });
    await dheera.close();
    expect(unloaded).toContain("m1");
  });
});

describe("what a program without types may do", () => {
  const untyped = createDheera as unknown as (...input: readonly unknown[]) => Dheera;

  it.each([
    [[]],
    [[{}]],
    [[null]],
    [[{ providers: {} }]],
    [[{ providers: [{}] }]],
    [[{ providers: [undefined] }]],
    [[{ providers: [{ name: "acme" }] }]],
  ])("is told as a DheeraError that createDheera needs providers: %j", (input) => {
    expect(() => untyped(...input)).toThrow(
      expect.objectContaining({ name: "DheeraError", code: "invalid_request", param: "providers" }),
    );
  });

  it.each([[[]], [[null]], [["text"]], [[[]]], [[{}]], [[{}, null]]])(
    "is told as a DheeraError, in a promise, what rerank needs: %j",
    async (input) => {
      const dheera = createDheera({ providers: [scriptedProvider()] });
      const rerank = dheera.rerank as unknown as (...given: readonly unknown[]) => Promise<unknown>;
      await expect(rerank(...input)).rejects.toMatchObject({ name: "DheeraError", code: "invalid_request" });
    },
  );
});
