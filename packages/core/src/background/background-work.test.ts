import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { AdmissionController, type AdmissionFlow, MinuteBudget, waitForAdmission } from "../deployment/admission.ts";
import { BackgroundWork } from "./background-work.ts";

// Time stands still, so that nothing depends on how long a test takes.
beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
afterEach(() => void vi.useRealTimers());

const options = { signal: new AbortController().signal, deadline: Infinity, divisible: false };

function others(tenant = "search"): AdmissionFlow {
  return { tenant, tenantWeight: 1, weight: 1 };
}

function inBackground(work: BackgroundWork = new BackgroundWork()): AdmissionFlow {
  return { tenant: "batch", tenantWeight: 1, weight: 1, background: work };
}

function admissionOf(limit: number, maxQueued = 1_000_000, maxCalls = Infinity): AdmissionController {
  const admission = new AdmissionController(maxQueued, maxCalls);
  admission.setLimit(limit);
  return admission;
}

/** Lets promise reactions run. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}

/** Notes what is admitted, in order. */
function admissions(admission: AdmissionController): {
  log: string[];
  wait(name: string, documents: number, flow: AdmissionFlow): void;
} {
  const log: string[] = [];
  const wait = async (name: string, documents: number, flow: AdmissionFlow): Promise<void> => {
    const admitted = await waitForAdmission([admission], documents, { ...options, flow });
    log.push(admitted ? name : `${name} was raised`);
  };
  return { log, wait: (...call) => void wait(...call) };
}

describe("work in the background", () => {
  it("has the whole server where nobody else comes", () => {
    const admission = admissionOf(64);
    const flow = inBackground();
    for (let call = 0; call < 8; call++) expect(admission.tryAdmit(8, flow)).toBe(true);
    expect(admission.tryAdmit(1, flow)).toBe(false);
    expect(admission.documentsInFlight).toBe(64);
  });

  it("waits for everybody else, however late they come", async () => {
    const admission = admissionOf(8);
    const { log, wait } = admissions(admission);
    expect(admission.tryAdmit(8, others())).toBe(true);
    wait("background", 4, inBackground());
    wait("first", 8, others());
    wait("second", 8, others());
    for (const expected of [["first"], ["first", "second"], ["first", "second", "background"]]) {
      admission.release(8, others());
      await settle();
      expect(log).toEqual(expected);
    }
  });

  it("takes no room in the queue from others, and has as much of its own", async () => {
    const admission = admissionOf(8, 100);
    const { wait } = admissions(admission);
    expect(admission.tryAdmit(8, others())).toBe(true);
    for (let call = 0; call < 10; call++) wait("background", 10, inBackground());
    await expect(waitForAdmission([admission], 10, { ...options, flow: inBackground() })).rejects.toMatchObject({
      code: "provider_overloaded",
      retryable: true,
    });
    expect(admission.canQueue(100, others())).toBe(true);
    expect(admission.documentsQueued).toBe(0);
    expect(admission.background?.documentsQueued).toBe(100);
  });

  it("leaves room for a call of the size that others had, and for one call", async () => {
    const admission = admissionOf(40, 1_000, 3);
    expect(admission.tryAdmit(1, inBackground())).toBe(true);
    admission.release(1, inBackground(), 1);
    expect(admission.tryAdmit(32, others())).toBe(true);
    admission.release(32, others(), 10);
    expect(admission.tryAdmit(8, inBackground())).toBe(true);
    expect(admission.tryAdmit(1, inBackground())).toBe(false);
    expect(admission.tryAdmit(32, others())).toBe(true);
  });

  it("sends nothing while others have something at a server that works on one thing at a time", async () => {
    const admission = admissionOf(1_000);
    expect(admission.tryAdmit(4, inBackground())).toBe(true);
    admission.release(4, inBackground(), 4);
    expect(admission.tryAdmit(32, others())).toBe(true);
    const { log, wait } = admissions(admission);
    // One call tries whether the server works on many.
    wait("a trial", 4, inBackground());
    wait("background", 4, inBackground());
    await settle();
    expect(log).toEqual(["a trial"]);
    admission.release(32, others(), 32);
    admission.release(4, inBackground(), 36);
    await settle();
    expect(log).toEqual(["a trial", "background"]);
  });

  it("goes as somebody else's as soon as they wait for it", async () => {
    const admission = admissionOf(8);
    const { log, wait } = admissions(admission);
    expect(admission.tryAdmit(8, others())).toBe(true);
    const work = new BackgroundWork();
    wait("wanted", 4, inBackground(work));
    wait("other work", 4, inBackground());
    await settle();
    work.raise(others());
    await settle();
    expect(log).toEqual(["wanted was raised"]);
    expect(work.raisedBy).toEqual(others());
    expect(admission.background?.documentsQueued).toBe(4);
  });

  it("gives up when its request ends", async () => {
    const admission = admissionOf(8);
    expect(admission.tryAdmit(8, others())).toBe(true);
    const abort = new AbortController();
    const waiting = waitForAdmission([admission], 4, { ...options, signal: abort.signal, flow: inBackground() });
    abort.abort(new Error("gone"));
    await expect(waiting).rejects.toThrow("gone");
    expect(admission.background).toMatchObject({ documentsInFlight: 0, documentsQueued: 0 });
  });

  it("goes to whichever server has something left first", async () => {
    const [busy, free] = [admissionOf(8), admissionOf(8)];
    for (const admission of [busy, free]) expect(admission.tryAdmit(8, others())).toBe(true);
    const waiting = waitForAdmission([busy, free], 4, { ...options, flow: inBackground() });
    free.release(8, others());
    expect(await waiting).toBe(free);
    expect(busy.background?.documentsQueued).toBe(0);
    expect(free.background).toMatchObject({ documentsInFlight: 4, documentsQueued: 0 });
  });

  it("does not make others' calls look slow to one another", () => {
    const admission = admissionOf(8);
    expect(admission.tryAdmit(1, inBackground())).toBe(true);
    for (let call = 0; call < 100; call++) {
      expect(admission.tryAdmit(1, others())).toBe(true);
      admission.release(1, others(), call < 10 ? 1 : 100);
    }
    // A tenant that is alone but for the background has no window that closes.
    for (let call = 0; call < 7; call++) expect(admission.tryAdmit(1, others())).toBe(true);
  });
});

describe("MinuteBudget", () => {
  it("leaves others the calls that they had in the minute before", () => {
    const budget = new MinuteBudget(10);
    vi.advanceTimersByTime(60_000);
    for (let call = 0; call < 6; call++) budget.use(performance.now());
    vi.advanceTimersByTime(60_000);
    const work = new BackgroundWork();
    for (let call = 0; call < 4; call++) {
      expect(budget.isOpen(work)).toBe(true);
      budget.use(performance.now(), work);
    }
    expect(budget.isOpen(work)).toBe(false);
    expect(budget.isOpen()).toBe(true);
  });
});
