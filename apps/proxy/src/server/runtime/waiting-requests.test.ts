import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { BunServer } from "./bun.ts";
import { WaitingRequests } from "./waiting-requests.ts";

describe("WaitingRequests", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("extends the timeouts of exactly those that wait, in whatever order they leave", () => {
    // Each number is a request that comes; where as many wait, the one at that place among them leaves in its stead.
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 6 }), { maxLength: 40 }), (steps) => {
        const waiting = new WaitingRequests();
        const extended = extensions(waiting);
        const present = new Map<Request, ReturnType<WaitingRequests["add"]>>();
        for (const step of steps) {
          const [request, place] = [...present][step] ?? [];
          if (request && place) {
            waiting.delete(place);
            present.delete(request);
          } else {
            const next = requestNumber(present.size);
            present.set(next, waiting.add(next));
          }
        }
        expect(new Set(extended.nextRound())).toEqual(new Set(present.keys()));
        extended.stop();
      }),
    );
  });

  it("no longer extends that of one which has waited for an hour", () => {
    const waiting = new WaitingRequests();
    const extended = extensions(waiting);
    const early = requestNumber(1);
    const late = requestNumber(2);
    waiting.add(early);
    for (let round = 1; round <= 119; round++) expect(extended.nextRound()).toEqual([early]);
    waiting.add(late);
    expect(extended.nextRound()).toEqual([early, late]);
    expect(extended.nextRound()).toEqual([late]);
    extended.stop();
  });

  it("extends nothing when it has stopped", () => {
    const waiting = new WaitingRequests();
    const extended = extensions(waiting);
    waiting.add(requestNumber(1));
    extended.stop();
    expect(extended.nextRound()).toEqual([]);
  });
});

function requestNumber(number: number): Request {
  return new Request(`http://localhost/${number}`);
}

function extensions(waiting: WaitingRequests): { nextRound(): readonly Request[]; stop(): void } {
  const extended: Request[] = [];
  const server: BunServer = {
    port: 0,
    requestIP: () => null,
    timeout: (request) => void extended.push(request),
    stop: async () => {},
  };
  const stop = waiting.extendTimeouts(server);
  return {
    nextRound() {
      extended.length = 0;
      vi.advanceTimersByTime(30_000);
      return [...extended];
    },
    stop,
  };
}
