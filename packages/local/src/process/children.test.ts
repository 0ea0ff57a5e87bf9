import { describe, expect, it } from "vitest";

import { eventually } from "../../../../test/support/eventually.ts";
import type { Children, Scored } from "./children.ts";
import { scriptedChildren } from "./testing/scripted-children.ts";

describe("the children of a model", () => {
  it("start with the first request, once for all who wait", async () => {
    await using scripted = await scriptedChildren();
    const { children } = scripted;
    expect([children.isServing, children.pids]).toEqual([false, []]);
    const [one, other] = await Promise.all([score(children, ["a", "bbb"]), score(children, ["cc"])]);
    expect([...one.scores, ...other.scores]).toEqual([1, 3, 2]);
    expect([one.tokens, one.truncated]).toEqual([5, []]);
    expect(await scripted.events()).toEqual(expect.arrayContaining(["started", "a", "bbb", "cc"]));
    expect((await scripted.events()).filter((event) => event === "started")).toHaveLength(1);
    expect(children.isServing).toBe(true);
  });

  it("say which documents were cut, and count tokens", async () => {
    await using scripted = await scriptedChildren();
    expect(await score(scripted.children, ["a", "cut", "b", "cut"])).toMatchObject({ truncated: [1, 3] });
    expect(await scripted.children.count(["one", "three"], never())).toEqual([3, 5]);
  });

  it("take turns between requests", async () => {
    await using scripted = await scriptedChildren();
    const { children } = scripted;
    const held = score(children, ["hold", "a"]);
    await eventually(scripted.events).toContain("hold");
    expect([...(await score(children, ["quick"])).scores]).toEqual([5]);
    await scripted.release();
    expect([...(await held).scores]).toEqual([4, 1]);
  });
});

describe("a child that dies", () => {
  it("is started again, and what is missing is tried once more: nothing is computed twice", async () => {
    await using scripted = await scriptedChildren();
    const { scores, tokens } = await score(scripted.children, ["a", "bb", "die once", "cut", "e"]);
    expect([...scores]).toEqual([1, 2, 8, 3, 1]);
    expect(tokens).toBe(8);
    expect(await scripted.events()).toEqual(["started", "a", "bb", "die once", "started", "die once", "cut", "e"]);
  });

  it("fails a request that it dies of twice, with a sentence that says what to do", async () => {
    await using scripted = await scriptedChildren();
    await expect(score(scripted.children, ["a", "die"])).rejects.toMatchObject({
      code: "provider_failed",
      retryable: true,
      message: expect.stringMatching(
        /^the process of local\/scripted ended twice .*\((SIGKILL\); the system ends .*memory|code 1\))/,
      ),
    });
    expect([...(await score(scripted.children, ["a"])).scores]).toEqual([1]);
  });

  it("of one request fails no other that it was computing beside it", async () => {
    await using scripted = await scriptedChildren();
    const { children } = scripted;
    const harmless = score(children, ["hold", "a"]);
    await eventually(scripted.events).toContain("hold");
    const fatal = score(children, ["die"]);
    fatal.catch(() => {});
    await eventually(async () => (await scripted.events()).filter((event) => event === "hold")).toHaveLength(2);
    await scripted.release();
    expect([...(await harmless).scores]).toEqual([4, 1]);
    await expect(fatal).rejects.toMatchObject({ code: "provider_failed" });
  });

  it("between the last score and the end of a request costs nothing that is known", async () => {
    await using scripted = await scriptedChildren();
    const { scores, tokens } = await score(scripted.children, ["a", "last word"]);
    expect([...scores]).toEqual([1, 9]);
    expect(tokens).toBe(5);
  });

  it("of no request is replaced when the next one comes", async () => {
    await using scripted = await scriptedChildren();
    await score(scripted.children, ["a"]);
    const [pid] = scripted.children.pids;
    process.kill(pid ?? 0, "SIGKILL");
    await eventually(() => scripted.children.isServing).toBe(false);
    expect([...(await score(scripted.children, ["bb"])).scores]).toEqual([2]);
    expect(scripted.children.pids).not.toEqual([pid]);
  });

  it("of no request is replaced at once where the model is to be warm", async () => {
    await using scripted = await scriptedChildren({ isWarm: true });
    await scripted.children.start();
    const [pid] = scripted.children.pids;
    process.kill(pid ?? 0, "SIGKILL");
    await eventually(() => scripted.children.isServing && scripted.children.pids[0] !== pid).toBe(true);
  });

  it("while it loads is tried again at once, and then not in a tight loop", async () => {
    await using scripted = await scriptedChildren();
    await scripted.script("die");
    const refusal = {
      code: "provider_failed",
      message: expect.stringMatching(/ends again and again \(\S+( 1)?\) before it has scored anything/),
    };
    for (let request = 0; request < 20; request++)
      await expect(score(scripted.children, ["a"])).rejects.toMatchObject(refusal);
    expect(await scripted.events()).toEqual(["started", "started"]);
  });

  it("of an error of its own is told of in the log, with what it wrote", async () => {
    await using scripted = await scriptedChildren();
    await scripted.script("throw");
    await expect(score(scripted.children, ["a"])).rejects.toMatchObject({
      message: expect.stringContaining("(code 1)"),
      cause: { cause: { message: expect.stringContaining("Error: it cannot be read") } },
    });
  });

  it("before it has done any work is not started again and again either", async () => {
    await using scripted = await scriptedChildren();
    for (let request = 0; request < 20; request++)
      await expect(score(scripted.children, ["die"])).rejects.toMatchObject({ code: "provider_failed" });
    expect(await scripted.events()).toEqual(["started", "die", "started", "die", "started", "die"]);
  });
});

describe("what is told of the processes", () => {
  it("is which serve, their memory, and how some were lost", async () => {
    await using scripted = await scriptedChildren({ memoryLimit: 5_000_000, patienceMs: 50 });
    const { children } = scripted;
    expect(children.processes).toEqual({ serving: 0, starting: 0, isFailing: false, memory: 0, ends: {} });
    await score(children, ["a"]);
    expect(children.processes).toEqual({ serving: 1, starting: 0, isFailing: false, memory: 1_000_000, ends: {} });
    process.kill(children.pids[0] ?? 0, "SIGKILL");
    await eventually(() => children.processes).toMatchObject({ serving: 0, memory: 0, ends: { SIGKILL: 1 } });
    await score(children, ["grow 6000000"]);
    await score(children, ["a"]);
    expect(children.processes).toMatchObject({ serving: 1, ends: { SIGKILL: 1, memory_limit: 1 } });
    const given = new AbortController();
    const hanging = score(children, ["hang"], given.signal);
    await eventually(scripted.events).toContain("hang");
    given.abort(new Error("too late"));
    await expect(hanging).rejects.toThrow("too late");
    await eventually(() => children.processes.ends).toEqual({ SIGKILL: 1, memory_limit: 1, hung: 1 });
  });

  it("is that none starts, and how the tries ended", async () => {
    await using scripted = await scriptedChildren();
    await scripted.script("die");
    await expect(score(scripted.children, ["a"])).rejects.toMatchObject({ code: "provider_failed" });
    await eventually(() => scripted.children.processes).toMatchObject({ isFailing: true, ends: { SIGKILL: 2 } });
  });

  it("is nothing of those that were ended because nobody asked them", async () => {
    await using scripted = await scriptedChildren({ idleMs: 20 });
    await score(scripted.children, ["a"]);
    await eventually(() => scripted.children.pids).toEqual([]);
    expect(scripted.children.processes).toMatchObject({ serving: 0, isFailing: false, ends: {} });
  });
});

describe("a model that cannot be loaded", () => {
  it("is reported as what it is, for good, and not loaded again for each request", async () => {
    await using scripted = await scriptedChildren();
    await scripted.script("fail");
    for (let request = 0; request < 5; request++)
      await expect(score(scripted.children, ["a"])).rejects.toMatchObject({
        code: "provider_failed",
        permanent: true,
        message: "local/scripted cannot be loaded: it has no output named logits",
      });
    expect(await scripted.events()).toEqual(["started"]);
    expect(scripted.children.pids).toEqual([]);
  });

  it("is given up where it takes too long", async () => {
    await using scripted = await scriptedChildren({ loadPatienceMs: 50 });
    await scripted.script("wait");
    await expect(scripted.children.start()).rejects.toMatchObject({
      code: "provider_failed",
      message: "local/scripted cannot be loaded: it was not loaded within 1 seconds",
    });
    expect(scripted.children.pids).toEqual([]);
  });

  it("is refused where it exceeds the limit once it is loaded", async () => {
    await using scripted = await scriptedChildren({ memoryLimit: 900_000 });
    await expect(score(scripted.children, ["a"])).rejects.toMatchObject({
      code: "invalid_request",
      message: expect.stringContaining("once it is loaded"),
    });
    expect(scripted.children.pids).toEqual([]);
  });
});

describe("a child that takes too much memory", () => {
  it("finishes what it runs, and is replaced; nothing is lost", async () => {
    await using scripted = await scriptedChildren({ memoryLimit: 5_000_000 });
    const { children } = scripted;
    const held = score(children, ["hold", "a"]);
    await eventually(scripted.events).toContain("hold");
    const [pid] = children.pids;
    const growing = score(children, ["grow 6000000", "bb"]);
    expect([...(await growing).scores]).toEqual([12, 2]);
    const next = score(children, ["ccc"]);
    expect(children.pids).toContain(pid);
    await scripted.release();
    expect([...(await held).scores]).toEqual([4, 1]);
    expect([...(await next).scores]).toEqual([3]);
    expect(children.pids).toHaveLength(1);
    expect(children.pids).not.toContain(pid);
  });
});

describe("a request that is given up", () => {
  it("frees the child before its next document", async () => {
    await using scripted = await scriptedChildren();
    const given = new AbortController();
    const outcome = score(scripted.children, ["hold", "a"], given.signal);
    await eventually(scripted.events).toContain("hold");
    given.abort(new Error("gone"));
    await expect(outcome).rejects.toThrow("gone");
    await scripted.release();
    expect([...(await score(scripted.children, ["bb"])).scores]).toEqual([2]);
    expect(await scripted.events()).not.toContain("a");
  });

  it("before it began starts nothing", async () => {
    await using scripted = await scriptedChildren();
    await expect(score(scripted.children, ["a"], AbortSignal.abort(new Error("gone")))).rejects.toThrow("gone");
    expect(await scripted.events()).toEqual([]);
  });

  it("ends a child that hangs, so that others are served by the next", async () => {
    await using scripted = await scriptedChildren({ patienceMs: 50 });
    const given = new AbortController();
    const hanging = score(scripted.children, ["hang"], given.signal);
    await eventually(scripted.events).toContain("hang");
    const other = score(scripted.children, ["bb"]);
    given.abort(new Error("too late"));
    await expect(hanging).rejects.toThrow("too late");
    expect([...(await other).scores]).toEqual([2]);
    expect((await scripted.events()).filter((event) => event === "started")).toHaveLength(2);
  });
});

describe("several instances", () => {
  it("share the work: each request goes to the one with least to do", async () => {
    await using scripted = await scriptedChildren({ instances: 2 });
    const { children } = scripted;
    await children.start();
    await eventually(() => children.pids.length).toBe(2);
    await eventually(scripted.events).toEqual(["started", "started"]);
    const held = score(children, ["hold", "a", "b"]);
    await eventually(scripted.events).toContain("hold");
    const hanging = score(children, ["bb"]);
    expect([...(await hanging).scores]).toEqual([2]);
    await scripted.release();
    expect([...(await held).scores]).toEqual([4, 1, 1]);
  });
});

describe("children that nobody asks", () => {
  it("are ended after a while, and start again with the next request", async () => {
    await using scripted = await scriptedChildren({ idleMs: 20 });
    await score(scripted.children, ["a"]);
    await eventually(() => scripted.children.pids).toEqual([]);
    expect([...(await score(scripted.children, ["bb"])).scores]).toEqual([2]);
  });

  it("are not ended while they work, however long that takes", async () => {
    await using scripted = await scriptedChildren({ idleMs: 1 });
    const held = score(scripted.children, ["hold"]);
    await eventually(scripted.events).toContain("hold");
    const quick = await score(scripted.children, ["a"]);
    await scripted.release();
    expect([...quick.scores, ...(await held).scores]).toEqual([1, 4]);
    expect((await scripted.events()).filter((event) => event === "started")).toHaveLength(1);
  });
});

describe("the time until idle children are ended", () => {
  it("begins again after a request that was given up before it began", async () => {
    await using scripted = await scriptedChildren({ idleMs: 50 });
    const { children } = scripted;
    await score(children, ["a"]);
    await expect(children.count(["a"], AbortSignal.abort(new Error("given up")))).rejects.toThrow("given up");
    await eventually(() => children.pids).toEqual([]);
  });

  it("does not run while a child loads", async () => {
    await using scripted = await scriptedChildren({ idleMs: 50 });
    const { children } = scripted;
    await score(children, ["a"]);
    await scripted.script("wait");
    for (const pid of children.pids) process.kill(pid, "SIGKILL");
    await eventually(() => children.isServing).toBe(false);
    const started = children.start();
    await eventually(async () => (await scripted.events()).filter((event) => event === "started")).toHaveLength(2);
    // Longer than it takes an idle child to be ended.
    const idle = await scriptedChildren({ idleMs: 50 });
    await using _ = idle;
    await score(idle.children, ["a"]);
    await eventually(() => idle.children.pids).toEqual([]);
    await scripted.script("ready");
    await started;
    expect(children.isServing).toBe(true);
  });
});

describe("closing", () => {
  it("ends children that are busy, and fails what they run", async () => {
    const scripted = await scriptedChildren();
    const held = score(scripted.children, ["hold"]).catch((error: unknown) => error);
    await eventually(scripted.events).toContain("hold");
    const { pids } = scripted.children;
    await scripted.children.close();
    expect(await held).toMatchObject({ code: "provider_failed", message: expect.stringContaining("closed") });
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow("ESRCH");
    await expect(score(scripted.children, ["a"])).rejects.toMatchObject({ code: "provider_failed" });
    await scripted[Symbol.asyncDispose]();
  });

  it("ends a child that is still loading, and fails who waits for it", async () => {
    const scripted = await scriptedChildren();
    await scripted.script("wait");
    const waiting = score(scripted.children, ["a"]).catch((error: unknown) => error);
    await eventually(scripted.events).toEqual(["started"]);
    await scripted.children.close();
    expect(await waiting).toMatchObject({ code: "provider_failed" });
    expect(scripted.children.pids).toEqual([]);
    expect(await scripted.events()).toEqual(["started"]);
    await scripted[Symbol.asyncDispose]();
  });
});

function score(children: Children, documents: readonly string[], signal: AbortSignal = never()): Promise<Scored> {
  return children.score(
    { query: "q", documents, truncate: true, truncationDirection: "right", maxTokensPerDocument: undefined },
    signal,
  );
}

function never(): AbortSignal {
  return new AbortController().signal;
}
