import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { AdmissionController, type AdmissionFlow, waitForAdmission } from "../deployment/admission.ts";
import { BackgroundWork } from "./background-work.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date", "performance", "setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

/** What a server does with the documents that wait for it, first come first served. Times are whole milliseconds. */
interface ServerOptions {
  readonly perDocument: number;
  readonly perBatch?: number;
  /** Documents of a batch. */
  readonly batch?: number;
  /** Batches at one time. */
  readonly workers?: number;
  /** On the way there, and back again. */
  readonly way?: number;
}

class Server {
  readonly #options: Required<ServerOptions>;
  readonly #queue: (() => void)[] = [];
  #busy = 0;

  constructor(options: ServerOptions) {
    this.#options = { perBatch: 0, batch: 1, workers: 1, way: 1, ...options };
  }

  /** Documents a millisecond at its best. */
  get capacity(): number {
    const { perDocument, perBatch, batch, workers } = this.#options;
    return (batch * workers) / (perBatch + batch * perDocument);
  }

  async score(documents: number): Promise<void> {
    await pass(this.#options.way);
    await new Promise<void>((resolve) => {
      let left = documents;
      for (let document = 0; document < documents; document++) this.#queue.push(() => --left === 0 && resolve());
      this.#begin();
    });
    await pass(this.#options.way);
  }

  #begin(): void {
    const { perDocument, perBatch, batch, workers } = this.#options;
    if (this.#busy === workers || this.#queue.length === 0) return;
    this.#busy++;
    const taken = this.#queue.splice(0, batch);
    setTimeout(
      () => {
        this.#busy--;
        for (const done of taken) done();
        this.#begin();
      },
      perBatch + taken.length * perDocument,
    );
    this.#begin();
  }
}

function pass(milliseconds: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, milliseconds));
}

/** A linear congruential generator (Park and Miller, 1988): the same arrivals with background work as without. */
function randomNumbers(): () => number {
  let state = 7;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

interface Load {
  readonly server: ServerOptions;
  /** The server's places. */
  readonly limit: number;
  /** Share of the server that others want. */
  readonly share: number;
  readonly documents: number;
  readonly background: boolean;
}

interface Figures {
  readonly p50: number;
  readonly p99: number;
  /** What background work got of what was left, as a share. */
  readonly used: number;
  readonly documentsPerCall: number;
}

const warmUpMs = 15_000;
const measuredMs = 60_000;

/** Others send calls at random times; background work has always more to send than may go. */
async function run({ server: options, limit, share, documents, background }: Load): Promise<Figures> {
  const server = new Server(options);
  const admission = new AdmissionController(1_000_000);
  admission.setLimit(limit);
  const random = randomNumbers();
  const begins = performance.now() + warmUpMs;
  const ends = begins + measuredMs;
  const scored = { others: 0, background: 0, calls: 0 };
  const durations: number[] = [];

  const call = async (size: number, flow: AdmissionFlow): Promise<void> => {
    const wanted = performance.now();
    await waitForAdmission([admission], size, { flow, signal: never, deadline: Infinity, divisible: false });
    const sent = performance.now();
    await server.score(size);
    const now = performance.now();
    admission.release(size, flow, now - sent);
    if (now < begins || now > ends) return;
    scored[flow.background ? "background" : "others"] += size;
    if (flow.background) scored.calls++;
    else durations.push(now - wanted);
  };
  const fill = async (): Promise<void> => {
    while (performance.now() < ends) {
      const work = new BackgroundWork();
      const flow = { tenant: "batch", tenantWeight: 1, weight: 1, background: work };
      const most = Math.min(32, Math.floor(work.documentsPerCall(admission)));
      const calls: Promise<void>[] = [];
      for (let left = 100; left > 0; left -= most) calls.push(call(Math.min(most, left), flow));
      await Promise.all(calls);
    }
  };

  const apart = documents / server.capacity / share;
  void (async () => {
    while (performance.now() < ends) {
      await pass(Math.round(-Math.log(1 - random()) * apart));
      void call(documents, { tenant: "search", tenantWeight: 1, weight: 1 });
    }
  })();
  // Not before others: what nobody is there to be protected from would be in the way of the first of them for long.
  if (background) void pass(warmUpMs / 4).then(() => Promise.all(Array.from({ length: 16 }, fill)));
  await vi.advanceTimersByTimeAsync(warmUpMs + 2 * measuredMs);
  const sorted = durations.sort((a, b) => a - b);
  const quantile = (of: number): number => sorted[Math.floor(of * (sorted.length - 1))] ?? Number.NaN;
  return {
    p50: quantile(0.5),
    p99: quantile(0.99),
    used: scored.background / (server.capacity * measuredMs - scored.others),
    documentsPerCall: scored.background / scored.calls,
  };
}

const never = new AbortController().signal;

async function compare(
  load: Omit<Load, "background">,
): Promise<Figures & { readonly timesP50: number; readonly timesP99: number }> {
  const without = await run({ ...load, background: false });
  const beside = await run({ ...load, background: true });
  return { ...beside, timesP50: beside.p50 / without.p50, timesP99: beside.p99 / without.p99 };
}

const shares = [0.1, 0.5, 0.8];

describe("BackgroundWindow", () => {
  describe.each([
    { what: "2 ms a document, 512 places", server: { perDocument: 2 }, limit: 512, documents: 32 },
    { what: "2 ms a document, 64 places", server: { perDocument: 2 }, limit: 64, documents: 32 },
  ])("at a server that works on one document after the other ($what)", ({ server, limit, documents }) => {
    it.each(shares)("leaves others their speed and takes the rest, where they want %d of it", async (share) => {
      const figures = await compare({ server, limit, documents, share });
      expect(figures.timesP50).toBeLessThan(1.3);
      expect(figures.timesP99).toBeLessThan(2);
      expect(figures.used).toBeGreaterThan(0.9);
    });
  });

  describe("at a server that works on many calls at one time", () => {
    const server = { perDocument: 1, perBatch: 100, batch: 32, workers: 16, way: 10 };
    it.each([0.1, 0.5])("sends large calls beside others, where they want %d of it", async (share) => {
      const figures = await compare({ server, limit: 100_000, documents: 32, share });
      expect(figures.timesP50).toBeLessThan(1.3);
      expect(figures.timesP99).toBeLessThan(2);
      expect(figures.used).toBeGreaterThan(0.6);
      expect(figures.documentsPerCall).toBeGreaterThan(8);
    });
  });

  describe("at a server whose batches cost much besides their documents", () => {
    const server = { perDocument: 1, perBatch: 3, batch: 8 };
    it.each(shares)("leaves others their speed, where they want %d of it", async (share) => {
      const figures = await compare({ server, limit: 512, documents: 32, share });
      expect(figures.timesP50).toBeLessThan(1.3);
      expect(figures.timesP99).toBeLessThan(2);
      expect(figures.used).toBeGreaterThan(0.5);
    });
  });
});
