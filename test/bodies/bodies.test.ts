import * as fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";

import { boundedShrinking } from "./bounded-shrinking.ts";
import { type BodySpec, hostileBodies, makeBody } from "./hostile-bodies.ts";
import { mostProcessor } from "./most-processor.ts";
import { type Outcome, type WatchedApp, watchedApp } from "./watched-app.ts";
import { startWatchedProxy } from "./watched-proxy.ts";

const cases = 20_000;
/** One in so many bodies is large. */
const largeShare = 40;
const small = { least: 1, most: 200_000 };
const large = { least: 200_000, most: 4_000_000 };
/** Over a socket, where they come in pieces, to a process whose heap is that of a container. */
const huge = { least: 1_000_000, most: 16_000_000 };
const hugeCases = 60;

/** `BODIES_SEED` and `BODIES_PATH`, as a failure prints them, play it again. */
const replay = {
  ...(process.env["BODIES_SEED"] !== undefined && { seed: Number(process.env["BODIES_SEED"]) }),
  ...(process.env["BODIES_PATH"] !== undefined && { path: process.env["BODIES_PATH"] }),
};

/** Milliseconds that a step may take on the busiest machine. */
const patience = 1_800_000;

describe("no body", () => {
  let app: WatchedApp;

  beforeAll(async () => {
    app = await watchedApp();
    // What is compiled and loaded once is no cost of a body.
    for (const spec of fc.sample(hostileBodies(1, 10_000), { numRuns: 300, seed: 1 })) await app.ask(bytesOf(spec));
  });

  it(
    `costs more than its size, of ${cases.toLocaleString("en")} hostile ones`,
    async () => {
      const bodies = fc.oneof(
        { weight: largeShare - 1, arbitrary: hostileBodies(small.least, small.most) },
        { weight: 1, arbitrary: hostileBodies(large.least, large.most) },
      );
      const answers = new Map<number, number>();
      await fc.assert(
        fc.asyncProperty(
          bodies,
          boundedShrinking(async (spec) => {
            const status = await examine(app, spec);
            answers.set(status, (answers.get(status) ?? 0) + 1);
          }),
        ),
        { numRuns: cases, ...replay },
      );
      // Bodies of every kind were among them.
      if (replay.path === undefined)
        for (const status of [200, 400, 413]) expect(answers.get(status), `answers ${status}`).toBeGreaterThan(50);
    },
    patience,
  );

  it("of any bytes is answered with anything but an answer", async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 200 }), brokenJson()), async (bytes) => {
        const { status } = await app.ask(Uint8Array.from(bytes));
        expect([200, 400, 404]).toContain(status);
      }),
      { numRuns: 2_000, ...replay },
    );
  });
});

describe("no huge body", () => {
  it(
    `stops a process with a heap of 600 MB, of ${hugeCases} hostile ones`,
    async () => {
      await using proxy = await startWatchedProxy();
      await fc.assert(
        fc.asyncProperty(
          hostileBodies(huge.least, huge.most),
          boundedShrinking(async (spec) => {
            const body = bytesOf(spec);
            let problem: string | undefined;
            for (let tries = 0; tries < mostTries; tries++) {
              const { status, innocent, processor } = await proxy.ask(body);
              expect(statuses, JSON.stringify(spec)).toContain(status);
              expect(innocent, JSON.stringify(spec)).toBe(200);
              if (processor < leastProcessor) return;
              const most = await proxy.mostProcessor(body.byteLength);
              if (processor < most) return;
              problem = `${JSON.stringify(spec)} of ${body.byteLength} bytes: it takes ${processor} ms of the processor, more than ${most}`;
            }
            throw new Error(problem);
          }),
        ),
        { numRuns: hugeCases, ...replay },
      );
    },
    patience,
  );
});

/** JSON of a request, or of anything, with some of its bytes replaced. */
function brokenJson(): fc.Arbitrary<Uint8Array> {
  const request = fc.record(
    {
      model: fc.constant("instant"),
      query: fc.jsonValue(),
      documents: fc.array(fc.jsonValue()),
      cache: fc.jsonValue(),
    },
    { requiredKeys: ["model"] },
  );
  const replaced = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 3 });
  return fc.tuple(fc.oneof(request, fc.jsonValue()), replaced).map(([value, changes]) => {
    const bytes = Buffer.from(JSON.stringify(value));
    for (const [place, byte] of changes) bytes[place % bytes.length] = byte;
    return bytes;
  });
}

/** What a body may be answered with. */
const statuses: readonly number[] = [200, 400, 404, 413, 422, 429];

/** Times that a cost is measured before it counts, because the engine compiles and collects when it likes. */
const mostTries = 3;

async function examine(app: WatchedApp, spec: BodySpec): Promise<number> {
  const body = bytesOf(spec);
  let problems: readonly string[] = [];
  for (let tries = 0; tries < mostTries; tries++) {
    const outcome = await app.ask(body);
    problems = await problemsOf(outcome, body.byteLength);
    if (problems.length === 0) return outcome.status;
    // Nothing that the engine does by itself costs as much.
    if (outcome.allocated > 200_000_000 || outcome.processor > 50 * leastProcessor) break;
  }
  throw new Error(`${JSON.stringify(spec)} of ${body.byteLength} bytes: ${problems.join("; ")}`);
}

/** What nothing of a body's size may do. */
async function problemsOf(outcome: Outcome, bytes: number): Promise<readonly string[]> {
  const { status, answer, logged, allocated, processor } = outcome;
  const isServed = status === 200;
  const problems: string[] = [];
  if (!statuses.includes(status)) problems.push(`it is answered with ${status}`);
  if (answer > (isServed ? 2 * bytes + 2_000_000 : 4_000)) problems.push(`the answer has ${answer} bytes`);
  if (logged > 4_000) problems.push(`the log got ${logged} characters`);
  const most = mostAllocated(bytes, isServed);
  if (allocated > most) problems.push(`it allocates ${allocated} bytes, more than ${most}`);
  if (processor > leastProcessor) {
    const mostTaken = await mostProcessor(bytes);
    if (processor > mostTaken) problems.push(`it takes ${processor} ms of the processor, more than ${mostTaken}`);
  }
  return problems;
}

/**
 * Ordinary bodies take 4 to 5 bytes for each of their own, and the costliest values up to 75. A document that is served
 * takes some 1,200, of which 4 may be the body's. `max_request_values` and `max_documents` bound how many there are; what
 * is left is the engine's own.
 */
function mostAllocated(bytes: number, isServed: boolean): number {
  return 3_000_000 + 6 * bytes + Math.min((isServed ? 450 : 100) * bytes, 40_000_000);
}

/** Milliseconds that are not looked at: a collection of the heap takes as long. */
const leastProcessor = 100;

function bytesOf(spec: BodySpec): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(makeBody(spec));
}
