import { fileURLToPath } from "node:url";

import { testTarget } from "@dheera-ai/core/testing";
import { describe, expect, it } from "vitest";

import { eventually } from "../../../../test/support/eventually.ts";
import { SharedChildren } from "../process/shared-children.ts";
import { scriptedChildren, type ScriptedChildren } from "../process/testing/scripted-children.ts";
import { LocalScorer } from "./local-scorer.ts";
import { parseParameters } from "./parameters.ts";

const directory = fileURLToPath(new URL("../fixtures/models", import.meta.url));
const call = { query: "q", documents: ["a"], params: {}, providerOptions: {}, signal: new AbortController().signal };

describe("a model that takes long to load", () => {
  it("says that it is starting and when to ask again, and wakes when it serves", async () => {
    await using scripted = await scriptedChildren();
    const scorer = scorerOf(scripted);
    await scripted.script("wait");
    const woken = scorer.wake(call.signal);
    await eventually(scripted.events).toEqual(["started"]);
    await expect(scorer.score(call)).rejects.toMatchObject({
      code: "provider_starting",
      retryAfter: expect.toSatisfy((seconds: number) => seconds >= 1),
      message: "local/./cross-encoder is being loaded",
    });
    await expect(scorer.check(call.signal)).rejects.toMatchObject({ code: "provider_starting" });
    await scripted.script("ready");
    await woken;
    expect((await scorer.score(call)).scores).toHaveLength(1);
    await scorer.check(call.signal);
    expect(await scripted.events()).toEqual(["started", "a"]);
    await scorer.close();
  });

  it("knows its profile meanwhile", async () => {
    await using scripted = await scriptedChildren();
    await scripted.script("wait");
    const scorer = scorerOf(scripted);
    const outcome = scorer.score(call).catch((error: unknown) => error);
    expect(await scorer.confirm(call.signal)).toMatchObject({ scoreKind: "probability" });
    expect(await scorer.profile()).toMatchObject({ scoreKind: "probability" });
    expect(await outcome).toMatchObject({ code: "provider_starting" });
    await scorer.close();
  });

  it("wakes with the reason where it cannot be loaded", async () => {
    await using scripted = await scriptedChildren();
    await scripted.script("fail");
    const scorer = scorerOf(scripted);
    await expect(scorer.wake(call.signal)).rejects.toMatchObject({ message: expect.stringContaining("logits") });
    await expect(scorer.check(call.signal)).rejects.toMatchObject({ message: expect.stringContaining("logits") });
    await scorer.close();
  });

  it("stops waiting when it is given up", async () => {
    await using scripted = await scriptedChildren();
    await scripted.script("wait");
    const scorer = scorerOf(scripted);
    const given = new AbortController();
    const woken = scorer.wake(given.signal);
    given.abort(new Error("gone"));
    await expect(woken).rejects.toThrow("gone");
    await scorer.close();
  });
});

/** Of a real model, whose children are scripted. */
function scorerOf({ children }: ScriptedChildren): LocalScorer {
  const shared = new SharedChildren();
  const target = testTarget({ model: "./cross-encoder" });
  return new LocalScorer(
    target,
    parseParameters({}),
    { environment: {}, directory },
    {
      connect: (place) => {
        const connection = shared.connect(place);
        return { ...connection, take: (key) => connection.take(key, () => children) };
      },
    },
  );
}
