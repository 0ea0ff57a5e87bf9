import { expect, it } from "vitest";

import { type Watcher, combine } from "./combine.ts";

const start = { callId: "c", method: "POST", route: "/v1/rerank", headers: new Headers() };
const facts = { callId: "c", method: "POST", route: "/v1/rerank", status: 200, durationMilliseconds: 1 };

it("runs a request inside all watchers, the first outermost, and gives its answer back", async () => {
  const calls: string[] = [];
  const watched = combine(["outer", "inner"].map((name) => noting(name, calls)));
  const answer = await watched.around?.(start, async () => {
    calls.push("request");
    watched.requestEnded?.(facts);
    return "answer";
  });
  expect(answer).toBe("answer");
  expect(calls).toEqual([
    "outer begins",
    "inner begins",
    "request",
    "outer reported",
    "inner reported",
    "inner ends",
    "outer ends",
  ]);
});

it("passes a call's failure on unchanged", async () => {
  const failure = new Error("no");
  const watched = combine([noting("outer", []), noting("inner", [])]);
  await expect(watched.observer?.call?.(call, () => Promise.reject(failure))).rejects.toBe(failure);
});

it("has no method that no watcher has", () => {
  const watched = combine([{ observer: { event: () => {} } }]);
  expect(watched.around).toBeUndefined();
  expect(watched.observer?.call).toBeUndefined();
  expect(watched.outgoingHeaders).toBeUndefined();
  expect(combine([]).observer).toBeUndefined();
});

const call = {
  callId: "c",
  tenant: "",
  billing: undefined,
  deployment: "one",
  modelName: "bge",
  provider: "p",
  model: "m",
  documents: 1,
  queueMilliseconds: 0,
  attempt: 0,
  hedge: false,
};

function noting(name: string, calls: string[]): Watcher {
  const around = async <T>(run: () => Promise<T>): Promise<T> => {
    calls.push(`${name} begins`);
    try {
      return await run();
    } finally {
      calls.push(`${name} ends`);
    }
  };
  return {
    around: (_start, run) => around(run),
    observer: { call: (_facts, run) => around(run) },
    requestEnded: () => void calls.push(`${name} reported`),
  };
}
