import { describe, expect, it } from "vitest";

import type { DeploymentAllowance } from "@dheera-ai/core";

import type { Heard } from "./permits-script.ts";
import { SharedAllowance } from "./shared-allowance.ts";

const heard: Heard = {
  epoch: 1,
  part: 16,
  target: 16,
  members: 4,
  lowerings: 0,
  isLowered: false,
  closedFor: 0,
  probes: false,
};

describe("SharedAllowance", () => {
  it("takes an eighth of the server's limit before it has heard of others, and then its part", () => {
    const { allowance } = startOf(64);
    expect(allowance.documents).toBe(8);
    allowance.hear(heard, performance.now());
    expect(allowance.documents).toBe(16);
    expect(allowance.documentsPerCall).toBe(16);
  });

  it("takes no less than that until others have made room, and tells what it takes", () => {
    const { allowance } = startOf(64);
    // Before anybody knew the limit.
    allowance.hear({ ...heard, part: undefined, target: -1 }, performance.now());
    allowance.hear({ ...heard, part: 1, target: 16 }, performance.now());
    expect(allowance.documents).toBe(8);
    expect(allowance.tell()).toMatchObject({ held: 8 });
    allowance.hear({ ...heard, part: 16, target: 16 }, performance.now());
    expect(allowance.documents).toBe(16);
    // From now on it is one of many.
    allowance.hear({ ...heard, part: 1, target: 16 }, performance.now());
    expect(allowance.documents).toBe(1);
  });

  it("knows no limit where nobody does", () => {
    const { allowance } = startOf(Infinity);
    expect(allowance.documents).toBe(Infinity);
    allowance.hear({ ...heard, part: undefined }, performance.now());
    expect(allowance.documents).toBe(Infinity);
    expect(allowance.tell()).toMatchObject({ limit: -1, held: -1 });
  });

  it("tells in each beat what happened since the last one", () => {
    const { allowance, load } = startOf(64);
    allowance.hear(heard, performance.now());
    load.documentsInFlight = 16;
    load.documentsQueued = 100;
    expect(allowance.documents).toBe(16);
    load.documentsInFlight = 4;
    load.documentsQueued = 0;
    allowance.succeeded({ documents: 4, inFlight: 16, startedAt: 0 });
    allowance.succeeded({ documents: 4, inFlight: 8, startedAt: 0 });
    expect(allowance.tell()).toMatchObject({ held: 16, flight: 4, peak: 16, want: 116, succeeded: 4, refused: 0 });
    expect(allowance.tell()).toMatchObject({ flight: 4, peak: 4, want: 4, succeeded: 0 });
  });

  it("calls for others once when documents begin to wait, and not while they go on waiting", () => {
    const { allowance, load, calls } = startOf(64);
    allowance.hear(heard, performance.now());
    allowance.tell();
    calls.length = 0;
    load.documentsInFlight = 16;
    load.documentsQueued = 8;
    expect(allowance.documents).toBe(16);
    expect(calls).toHaveLength(1);
    allowance.tell();
    load.documentsQueued = 20;
    expect(allowance.documents).toBe(16);
    expect(calls).toHaveLength(1);
  });

  it("is halved by a refusal until an answer of Redis takes account of it", () => {
    const { allowance } = startOf(64);
    const now = performance.now();
    allowance.hear(heard, now - 100);
    allowance.refused({ documents: 8, inFlight: 16, startedAt: now - 10 }, "overload", now);
    allowance.refused({ documents: 8, inFlight: 16, startedAt: now - 10 }, "overload", now);
    expect(allowance.documents).toBe(8);
    allowance.hear(heard, now - 1);
    expect(allowance.documents).toBe(8);
    expect(allowance.tell()).toMatchObject({ refused: 16, lowers: 1 });
    allowance.hear({ ...heard, part: 12, lowerings: 2, isLowered: true }, now + 1);
    expect(allowance.documents).toBe(12);
    // Two calls share what was lowered.
    expect(allowance.documentsPerCall).toBe(6);
  });

  it("does not lower what was lowered already when calls fail that were sent before", () => {
    const { allowance } = startOf(64);
    const startedAt = performance.now();
    allowance.hear({ ...heard, part: 8, lowerings: 2, isLowered: true }, performance.now());
    allowance.refused({ documents: 8, inFlight: 16, startedAt: startedAt - 1 }, "overload");
    expect(allowance.documents).toBe(8);
    expect(allowance.tell()).toMatchObject({ refused: 8, lowers: 0 });
  });

  it("goes on alone from an even part, grows slowly and heeds refusals, and takes its part when it hears again", () => {
    const { allowance, alone } = startOf(64);
    allowance.hear({ ...heard, part: 2 }, performance.now());
    allowance.decideAlone();
    expect(allowance.documents).toBe(16);
    const succeed = (documents: number): void => {
      for (let call = 0; call < documents / 4; call++)
        allowance.succeeded({ documents: 4, inFlight: Math.floor(allowance.documents), startedAt: 0 });
    };
    succeed(16);
    expect(allowance.documents).toBeLessThan(16.1);
    succeed(40 * 16);
    expect(allowance.documents).toBeCloseTo(17, 0);
    alone.documents = 5;
    expect(allowance.documents).toBe(5);
    expect(allowance.tell().held).toBe(5);
    allowance.hear(heard, performance.now());
    expect(allowance.documents).toBe(16);
  });

  it("goes back to an even part when it is refused beyond that alone, and heeds what is refused of less", () => {
    const { allowance, refused } = startOf(64);
    allowance.hear({ ...heard, part: 40 }, performance.now());
    allowance.decideAlone();
    expect(allowance.documents).toBe(40);
    const now = performance.now();
    const call = { documents: 8, inFlight: 40 };
    allowance.refused({ ...call, startedAt: now - 10 }, "overload", now);
    allowance.refused({ ...call, startedAt: now - 10 }, "overload", now);
    expect(allowance.documents).toBe(16);
    expect(refused).toEqual([]);
    allowance.refused({ ...call, startedAt: now + 10 }, "overload", now + 20);
    expect(refused).toEqual([8]);
  });

  it("takes nothing more after it stood still for so long that others may have its part", () => {
    const { allowance, load } = startOf(64);
    allowance.hear(heard, performance.now() - 60_000);
    load.documentsInFlight = 4;
    expect(allowance.documents).toBe(4);
    load.documentsInFlight = 0;
    expect(allowance.documents).toBe(1);
    allowance.hear(heard, performance.now());
    expect(allowance.documents).toBe(16);
  });

  it("has the whole limit where Redis never answered", () => {
    const { allowance } = startOf(64);
    allowance.decideAlone();
    expect(allowance.documents).toBe(64);
  });

  it("tells the whole limit of a server of which each worker knows its part", () => {
    const { allowance, alone } = startOf(16, 4);
    expect(allowance.tell().limit).toBe(64);
    allowance.decideAlone();
    expect(allowance.documents).toBe(16);
    expect(alone.documents).toBe(16);
  });

  it("follows a server that takes less from now on before others know", () => {
    const { allowance } = startOf(64);
    allowance.hear(heard, performance.now());
    allowance.setLimit(4);
    expect(allowance.documents).toBe(4);
  });
});

function startOf(limit: number, workers = 1) {
  const load = { documentsInFlight: 0, callsInFlight: 0, documentsQueued: 0 };
  const calls: string[] = [];
  const refused: number[] = [];
  const alone: DeploymentAllowance & { documents: number } = {
    documents: Infinity,
    documentsPerCall: Infinity,
    setLimit(documents) {
      this.documents = documents;
    },
    refused: ({ documents }) => void refused.push(documents),
    succeeded: () => {},
  };
  const allowance = new SharedAllowance({ alone, load: () => load, workers, onUrgent: () => void calls.push("now") });
  allowance.setLimit(limit);
  return { allowance, alone, load, calls, refused };
}
