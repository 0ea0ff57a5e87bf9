import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { FairQueue, type Flow, type Queued, weightOfPriority } from "./fair-queue.ts";

interface Batch extends Queued {
  readonly flow: Flow;
}

function flowOf(tenant: string, tenantPriority = 0, priority = 0): Flow {
  return { tenant, tenantWeight: weightOfPriority(tenantPriority), weight: weightOfPriority(priority) };
}

/** Adds batches of one request. */
function add(queue: FairQueue<Batch>, flow: Flow, batches: number, documents: number): void {
  for (let batch = 0; batch < batches; batch++) queue.add({ documents, flow }, flow);
}

/** Serves batches while there are some, or so many of them. */
function serve(queue: FairQueue<Batch>, most = Infinity): readonly Batch[] {
  const served: Batch[] = [];
  for (let next = queue.next(); next && served.length < most; next = queue.next()) {
    queue.serve(next, next.flow);
    served.push(next);
  }
  return served;
}

function documentsOf(batches: readonly Batch[], matches: (flow: Flow) => boolean): number {
  return batches.filter(({ flow }) => matches(flow)).reduce((sum, { documents }) => sum + documents, 0);
}

const sizes = fc.integer({ min: 1, max: 64 });
const priorities = fc.integer({ min: 0, max: 20 });
const tenants = fc.array(
  fc.record({
    priority: priorities,
    requests: fc.array(fc.record({ priority: priorities, batches: fc.array(sizes, { minLength: 1, maxLength: 20 }) }), {
      minLength: 1,
      maxLength: 5,
    }),
  }),
  { minLength: 2, maxLength: 5 },
);

describe("FairQueue", () => {
  it("serves a tenant with one small request before another's hundred requests that came first", () => {
    const queue = new FairQueue<Batch>();
    for (let request = 0; request < 100; request++) add(queue, flowOf("flood"), 4, 25);
    serve(queue, 10);
    const small = flowOf("small");
    add(queue, small, 1, 4);
    expect(serve(queue, 2).map(({ flow }) => flow)).toContain(small);
  });

  it("serves each batch exactly once, those of one request in the order they were added", () => {
    fc.assert(
      fc.property(tenants, (all) => {
        const queue = new FairQueue<Batch>();
        const added = all.flatMap(({ priority, requests }, tenant) =>
          requests.map((request) => {
            const flow = flowOf(`tenant ${tenant}`, priority, request.priority);
            const batches = request.batches.map((documents): Batch => ({ documents, flow }));
            for (const batch of batches) queue.add(batch, flow);
            return batches;
          }),
        );
        const served = serve(queue);
        expect(new Set(served)).toEqual(new Set(added.flat()));
        for (const batches of added) expect(served.filter(({ flow }) => flow === batches[0]?.flow)).toEqual(batches);
        expect(queue.documents).toBe(0);
      }),
    );
  });

  it("gives tenants that wait shares by weight, to within a batch of each, whatever number of requests they have", () => {
    fc.assert(
      fc.property(tenants, (all) => {
        const queue = new FairQueue<Batch>();
        all.forEach(({ priority, requests }, tenant) => {
          for (const request of requests)
            for (let times = 0; times < 100; times++)
              add(queue, flowOf(`tenant ${tenant}`, priority, request.priority), 1, request.batches[0] ?? 1);
        });
        const served = new Map<string, number>();
        // As long as all wait.
        while (all.every((_, tenant) => queue.documentsOf(`tenant ${tenant}`) > 0)) {
          const next = queue.next();
          if (!next) break;
          queue.serve(next, next.flow);
          served.set(next.flow.tenant, (served.get(next.flow.tenant) ?? 0) + next.documents);
        }
        const shares = all.map(({ priority }, tenant) => ({
          share: (served.get(`tenant ${tenant}`) ?? 0) / weightOfPriority(priority),
          batch: 64 / weightOfPriority(priority),
        }));
        for (const one of shares)
          for (const other of shares)
            expect(Math.abs(one.share - other.share)).toBeLessThanOrEqual(one.batch + other.batch);
      }),
    );
  });

  it("lets no priority of a request take from another tenant, nor a low one starve", () => {
    fc.assert(
      fc.property(priorities, priorities, (urgent, patient) => {
        const queue = new FairQueue<Batch>();
        const requests = [flowOf("a", 0, urgent), flowOf("a", 0, patient), flowOf("b", 0, 20)];
        for (const flow of requests) add(queue, flow, 2_000, 10);
        const served = serve(queue, 2_000);
        expect(documentsOf(served, ({ tenant }) => tenant === "a")).toBe(10_000);
        const [first, second] = requests.map((request) => documentsOf(served, (flow) => flow === request));
        const part = weightOfPriority(urgent) / (weightOfPriority(urgent) + weightOfPriority(patient));
        expect(Math.abs((first ?? 0) - 10_000 * part)).toBeLessThanOrEqual(20);
        expect(second).toBeGreaterThan(0);
      }),
    );
  });

  it("goes on counting shares after the lowest priority that a request can name", () => {
    const queue = new FairQueue<Batch>();
    const [lowest, low, high] = [flowOf("a", 0, Number.MAX_VALUE), flowOf("a", 0, 1), flowOf("a")];
    add(queue, lowest, 3, 10);
    serve(queue, 2);
    add(queue, low, 100, 10);
    add(queue, high, 100, 10);
    expect(documentsOf(serve(queue, 30), (flow) => flow === low)).toBe(100);
  });

  it("serves the higher of two priorities first where both have had nothing", () => {
    const queue = new FairQueue<Batch>();
    const [late, urgent] = [flowOf("a", 0, 1), flowOf("a", 0, 0)];
    add(queue, late, 1, 4);
    add(queue, urgent, 1, 4);
    add(queue, flowOf("b", 3), 1, 4);
    add(queue, flowOf("c", 2), 1, 4);
    expect(serve(queue).map(({ flow }) => flow.tenant + flow.weight)).toEqual(["a1", "c1", "b1", "a0.5"]);
  });

  it("gives nobody later what was not wanted before", () => {
    const queue = new FairQueue<Batch>();
    add(queue, flowOf("busy"), 1_000, 10);
    serve(queue, 500);
    add(queue, flowOf("new"), 1_000, 10);
    const served = serve(queue, 20);
    expect(documentsOf(served, ({ tenant }) => tenant === "busy")).toBe(100);
  });

  it("gives a tenant that had to stand back no more than its share afterwards", () => {
    const queue = new FairQueue<Batch>();
    const [held, other] = [flowOf("held"), flowOf("other")];
    add(queue, held, 1_000, 10);
    add(queue, other, 1_000, 10);
    for (let times = 0; times < 400; times++) {
      const next = queue.next(({ flow }) => flow === other);
      if (next) queue.serve(next, next.flow);
    }
    expect(documentsOf(serve(queue, 20), (flow) => flow === held)).toBeLessThanOrEqual(110);
  });

  it("forgets a batch that gave up, and its turn", () => {
    const queue = new FairQueue<Batch>();
    const [leaving, staying] = [flowOf("a"), flowOf("b")];
    const batch = { documents: 10, flow: leaving };
    queue.add(batch, leaving);
    add(queue, staying, 1, 3);
    queue.remove(batch, leaving);
    queue.remove(batch, leaving);
    expect([queue.documents, queue.documentsOf("a")]).toEqual([3, 0]);
    expect(serve(queue).map(({ flow }) => flow)).toEqual([staying]);
  });

  it("leaves room for a newcomer's part however much another has waiting", () => {
    const queue = new FairQueue<Batch>();
    expect(queue.shareOf("a", 100)).toBe(100);
    add(queue, flowOf("a"), 10, 10);
    expect(queue.shareOf("b", 100)).toBe(50);
    expect(queue.shareOf("a", 100)).toBe(100);
    add(queue, flowOf("b"), 1, 1);
    expect(queue.shareOf("a", 100)).toBe(50);
  });

  it("keeps nothing of tenants that have left, however many there were", () => {
    const queue = new FairQueue<Batch>();
    add(queue, flowOf("busy"), 20_000, 1);
    for (let tenant = 0; tenant < 10_000; tenant++) {
      add(queue, flowOf(`tenant ${tenant}`), 1, 1);
      serve(queue, 2);
    }
    expect(queue.tenantsKept).toBeLessThan(2_100);
    serve(queue);
    expect(queue.tenantsKept).toBe(0);
  });
});
