import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { AdmissionController, waitForAdmission } from "./admission.ts";
import type { Flow } from "./fair-queue.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date", "performance", "setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

/** A server that scores all that waits for it as one batch: so many milliseconds, and some for each document. */
class Server {
  readonly #milliseconds: number;
  readonly #perDocument: number;
  #waiting: { readonly documents: number; readonly done: () => void }[] = [];
  #isBusy = false;
  scored = 0;

  constructor(milliseconds: number, perDocument: number) {
    this.#milliseconds = milliseconds;
    this.#perDocument = perDocument;
  }

  score(documents: number): Promise<void> {
    return new Promise((done) => {
      this.#waiting.push({ documents, done });
      if (!this.#isBusy) this.#begin();
    });
  }

  #begin(): void {
    const batch = this.#waiting;
    this.#waiting = [];
    this.#isBusy = batch.length > 0;
    if (!this.#isBusy) return;
    const documents = batch.reduce((sum, call) => sum + call.documents, 0);
    setTimeout(
      () => {
        this.scored += documents;
        for (const { done } of batch) done();
        this.#begin();
      },
      this.#milliseconds + documents * this.#perDocument,
    );
  }
}

class World {
  readonly server = new Server(4, 0.05);
  readonly admission = new AdmissionController(1_000_000);

  constructor() {
    this.admission.setLimit(512);
  }

  /** One call from the moment it is wanted until it is scored. @returns milliseconds */
  async call(documents: number, flow: Flow): Promise<number> {
    const wanted = performance.now();
    const options = { flow, signal: new AbortController().signal, deadline: Infinity, divisible: false };
    await waitForAdmission([this.admission], documents, options);
    const began = performance.now();
    await this.server.score(documents);
    this.admission.release(documents, flow, performance.now() - began);
    return performance.now() - wanted;
  }

  /** So many calls of one tenant, each begun anew when it has ended. */
  flood(tenant: string, calls: number, until: number): void {
    const again = async (): Promise<void> => {
      while (performance.now() < until) await this.call(32, flowOf(tenant));
    };
    for (let call = 0; call < calls; call++) void again();
  }

  /** Small calls of a tenant, one every 25 ms. @returns milliseconds of each, the shortest first */
  async trickle(tenant: string, calls: number): Promise<readonly number[]> {
    const durations: number[] = [];
    for (let call = 0; call < calls; call++) {
      void this.call(4, flowOf(tenant)).then((duration) => durations.push(duration));
      do await vi.advanceTimersByTimeAsync(25);
      while (durations.length <= call);
    }
    return durations.sort((a, b) => a - b);
  }
}

function flowOf(tenant: string): Flow {
  return { tenant, tenantWeight: 1, weight: 1 };
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN;
}

describe("TenantWindow", () => {
  it.each([12, 100, 300])("keeps small calls quick beside %d calls of another tenant at one time", async (calls) => {
    const world = new World();
    const lonely = await world.trickle("small", 100);
    const until = performance.now() + 60_000;
    world.flood("flood", calls, until);
    await vi.advanceTimersByTimeAsync(1_000);
    await world.trickle("small", 40);
    const loaded = await world.trickle("small", 1_000);
    expect(quantile(loaded, 0.5)).toBeLessThan(3 * quantile(lonely, 0.5));
    expect(quantile(loaded, 0.99)).toBeLessThan(5 * quantile(lonely, 0.99));
    // The flood still has most of the server.
    expect(world.server.scored).toBeGreaterThan(25 * 1_000 * 4);
    await vi.advanceTimersByTimeAsync(60_000);
  });

  it("does so as well when the flood was there first", async () => {
    const world = new World();
    const alone = quantile(await new World().trickle("small", 100), 0.5);
    world.flood("flood", 100, performance.now() + 60_000);
    await vi.advanceTimersByTimeAsync(1_000);
    await world.trickle("small", 40);
    expect(quantile(await world.trickle("small", 1_000), 0.5)).toBeLessThan(3 * alone);
    await vi.advanceTimersByTimeAsync(60_000);
  });

  it("leaves a lone tenant all that the server allows", async () => {
    const world = new World();
    world.flood("flood", 100, performance.now() + 1_000);
    await vi.advanceTimersByTimeAsync(500);
    expect(world.admission.documentsInFlight).toBe(512);
    await vi.advanceTimersByTimeAsync(60_000);
  });

  it("leaves two that both have much to do all of it", async () => {
    const world = new World();
    world.flood("one", 100, performance.now() + 1_000);
    world.flood("other", 100, performance.now() + 1_000);
    await vi.advanceTimersByTimeAsync(900);
    expect(world.admission.documentsInFlight).toBe(512);
    await vi.advanceTimersByTimeAsync(60_000);
  });

  it("opens again when nobody has to be protected any more", async () => {
    const world = new World();
    world.flood("flood", 100, performance.now() + 60_000);
    await vi.advanceTimersByTimeAsync(1_000);
    await world.trickle("small", 100);
    expect(world.admission.documentsInFlight).toBeLessThan(512);
    await vi.advanceTimersByTimeAsync(11_000);
    expect(world.admission.documentsInFlight).toBe(512);
    await vi.advanceTimersByTimeAsync(60_000);
  });

  it("always lets each tenant have one call, however slow the server is", async () => {
    const world = new World();
    const until = performance.now() + 20_000;
    for (const tenant of ["a", "b", "c"]) world.flood(tenant, 10, until);
    await vi.advanceTimersByTimeAsync(1_000);
    await world.trickle("small", 300);
    const before = world.server.scored;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(world.server.scored).toBeGreaterThan(before);
    expect(world.admission.documentsInFlight).toBeGreaterThanOrEqual(3 * 32);
    await vi.advanceTimersByTimeAsync(60_000);
  });
});
