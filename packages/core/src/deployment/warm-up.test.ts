import { describe, expect, it } from "vitest";

import { createDheera } from "../dheera.ts";
import { DheeraError } from "../errors.ts";
import { deferred, pointwise, scoreAll, scriptedProvider } from "../fixtures/scripted-provider.ts";

const request = { model: "scripted/m", query: "q", documents: ["a", "b"] };

function loading(): DheeraError {
  return new DheeraError("provider_starting", "the model is loading", { retryAfter: 60 });
}

describe("a model that takes a minute to load", () => {
  it.each(["profile", "score"] as const)(
    "is provider_starting with Retry-After when the deadline passes first, reported by %s",
    async (step) => {
      const provider = scriptedProvider(
        () => {
          throw loading();
        },
        pointwise,
        {
          ...(step === "profile" && { profile: () => Promise.reject(loading()) }),
          wake: () => new Promise(() => {}),
        },
      );
      await using dheera = createDheera({ providers: [provider] });
      const failure: unknown = await dheera.rerank({ ...request, timeout: 0.05 }).catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: "provider_starting", status: 503 });
      const seconds = failure instanceof DheeraError ? failure.retryAfter : undefined;
      expect(seconds).toBeGreaterThan(0);
      expect(seconds).toBeLessThanOrEqual(60);
    },
  );

  it.each(["profile", "score"] as const)("is waited for within the deadline, reported by %s", async (step) => {
    const ready = deferred<void>();
    let isReady = false;
    const provider = scriptedProvider(
      (call) => {
        if (!isReady) throw loading();
        return scoreAll(call);
      },
      pointwise,
      {
        ...(step === "profile" && {
          profile: () => (isReady ? pointwise : Promise.reject(loading())),
        }),
        wake: async () => {
          await ready.promise;
          isReady = true;
        },
      },
    );
    await using dheera = createDheera({ providers: [provider] });
    const waiting = [dheera.rerank(request), dheera.rerank(request)];
    ready.resolve();
    for (const { results } of await Promise.all(waiting)) expect(results).toHaveLength(2);
  });

  it("stays a timeout where another deployment was ready and too slow", async () => {
    const provider = scriptedProvider((call, model) => {
      if (model === "loading") throw loading();
      return new Promise(() => {});
    });
    await using dheera = createDheera({
      providers: [provider],
      model_list: ["loading", "slow"].map((model) => ({
        model_name: "m",
        dheera_ai_params: { model: `scripted/${model}` },
      })),
    });
    await expect(dheera.rerank({ ...request, model: "m", timeout: 0.05 })).rejects.toMatchObject({ code: "timeout" });
  });

  it("is asked again after a pause when wake throws at once", async () => {
    const provider = scriptedProvider(
      () => {
        // Without the pause no timer would fire any more, and no deadline pass.
        if (provider.calls.length > 10) throw new DheeraError("provider_rejected", "called without a pause");
        throw loading();
      },
      pointwise,
      {
        wake: () => {
          throw new TypeError("a defect of the provider");
        },
      },
    );
    await using dheera = createDheera({ providers: [provider] });
    await expect(dheera.rerank({ ...request, timeout: 0.2 })).rejects.toMatchObject({ code: "provider_starting" });
    expect(provider.calls.length).toBeLessThan(5);
  });
});
