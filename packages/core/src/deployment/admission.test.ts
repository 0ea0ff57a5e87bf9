import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { AdmissionController, waitForAdmission } from "./admission.ts";
import type { Flow } from "./fair-queue.ts";

const patient = { signal: new AbortController().signal, deadline: Date.now() + 3_600_000, divisible: false };
/** A server that has no place free refuses a call of so many documents. */
const refusalOf = (documents: number) => ({ documents, inFlight: documents, startedAt: 1 });

/** A request of its own. */
function request(tenant = ""): Flow {
  return { tenant, tenantWeight: 1, weight: 1 };
}

function admissionOf(limit: number): AdmissionController {
  const admission = new AdmissionController(1_000_000);
  admission.setLimit(limit);
  return admission;
}

/** Notes which batches are admitted, in order. */
async function queue(
  admission: AdmissionController,
  log: string[],
  name: string,
  documents: number,
  flow: Flow,
): Promise<void> {
  await waitForAdmission([admission], documents, { ...patient, flow });
  log.push(name);
}

/** Lets promise reactions run. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}

describe("AdmissionController", () => {
  it("never has more documents in flight than allowed, unless a single batch is larger", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 64 }),
        fc.array(fc.integer({ min: 1, max: 80 }), { minLength: 1, maxLength: 60 }),
        async (limit, sizes) => {
          const admission = admissionOf(limit);
          let running: number[] = [];
          const entered = sizes.map(async (size) => {
            await waitForAdmission([admission], size, { ...patient, flow: request() });
            running.push(size);
            expect(running.length === 1 || admission.documentsInFlight <= limit).toBe(true);
          });
          for (let ended = 0; ended < sizes.length;) {
            await settle();
            const [size] = running;
            if (size === undefined) throw new Error("no batch was admitted");
            running = running.slice(1);
            admission.release(size, request(), 1);
            ended++;
          }
          await Promise.all(entered);
          expect(admission.documentsInFlight).toBe(0);
          expect(admission.documentsQueued).toBe(0);
        },
      ),
      { numRuns: 200 },
    );
  });

  it("serves a small request before the rest of a big one that came first", async () => {
    const admission = admissionOf(32);
    const log: string[] = [];
    const big = request();
    for (let batch = 0; batch < 20; batch++) void queue(admission, log, `big ${batch}`, 32, big);
    void queue(admission, log, "small", 4, request());
    await settle();
    admission.release(32, request(), 1);
    await settle();
    admission.release(32, request(), 1);
    await settle();
    expect(log.slice(0, 3)).toContain("small");
  });

  it("refuses a request at once whose caller has already gone", async () => {
    const admission = admissionOf(1);
    admission.tryAdmit(1, request());
    await expect(
      waitForAdmission([admission], 1, { ...patient, signal: AbortSignal.abort(new Error("gone")), flow: request() }),
    ).rejects.toThrow("gone");
    expect(admission.documentsQueued).toBe(0);
  });

  it("lets a batch that cannot be divided go alone when it is larger than the allowance, instead of waiting for ever", () => {
    const admission = admissionOf(512);
    admission.allowance.refused(refusalOf(32), "overload");
    expect(admission.allowance.documents).toBeLessThan(32);
    expect(admission.tryAdmit(32, request())).toBe(true);
    expect(admission.tryAdmit(1, request())).toBe(false);
  });

  it("hands a batch back that can be divided as soon as it is larger than the allowance", async () => {
    const admission = admissionOf(32);
    expect(admission.tryAdmit(1, request())).toBe(true);
    const entered = waitForAdmission([admission], 32, { ...patient, divisible: true, flow: request() });
    admission.allowance.refused(refusalOf(16), "overload");
    admission.admitWaiting();
    expect(await entered).toBe(admission);
  });

  it("admits a waiter to whichever of several controllers is free first, and forgets it at the others", async () => {
    const controllers = [admissionOf(1), admissionOf(1)];
    for (const admission of controllers) admission.tryAdmit(1, request());
    const entering = waitForAdmission(controllers, 1, { ...patient, flow: request() });
    controllers[1]?.release(1, request(), 1);
    expect(await entering).toBe(controllers[1]);
    expect(controllers.map((admission) => admission.documentsQueued)).toEqual([0, 0]);
  });

  it("removes a batch whose caller went away from the queue, so that those behind it go on", async () => {
    const admission = admissionOf(10);
    admission.tryAdmit(8, request());
    const leaving = new AbortController();
    const big = waitForAdmission([admission], 10, { ...patient, signal: leaving.signal, flow: request() });
    const log: string[] = [];
    void queue(admission, log, "small", 2, request());
    await settle();
    expect(log).toEqual([]);
    leaving.abort(new Error("gone"));
    await expect(big).rejects.toThrow("gone");
    await settle();
    expect(log).toEqual(["small"]);
  });

  it("refuses with Retry-After when too much is waiting", async () => {
    const admission = new AdmissionController(10);
    admission.setLimit(1);
    admission.tryAdmit(1, request());
    void waitForAdmission([admission], 10, { ...patient, flow: request() });
    await expect(waitForAdmission([admission], 1, { ...patient, flow: request() })).rejects.toMatchObject({
      code: "provider_overloaded",
      retryAfter: expect.any(Number),
    });
  });

  it("limits calls as well as documents", () => {
    const admission = new AdmissionController(100, 2);
    expect([
      admission.tryAdmit(1, request()),
      admission.tryAdmit(1, request()),
      admission.tryAdmit(1, request()),
    ]).toEqual([true, true, false]);
  });
});
