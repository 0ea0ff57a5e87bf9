import { describe, expect, it } from "vitest";

import { needs } from "../../test/support/programs.ts";
import { smallShape } from "../proxy/load/shapes.ts";
import type { Runtime } from "../proxy/servers/gateway.ts";
import { type PlaceOptions, openPlace } from "./open-place.ts";
import type { WatchedProcess } from "./watched-process.ts";

const requests = 2_000;
/** Bytes a request, of which some 40,000 are garbage when it was answered. Node.js also collects while some are under way, and keeps those. */
const mostKept = { node: 2_000, bun: 150 } as const;

describe("nothing is kept of requests that were answered", () => {
  it("where a crowd was the first to come", async () => {
    await using proxy = await openProxy({ connections: 256 });
    await proxy.rank(10_000);
    expect(await keptOfRequests(proxy)).toBeLessThan(mostKept.node);
  });

  describe("where a full collection found some under way, and each may be sent elsewhere or be too late", () => {
    it("on Node.js", () => expectNothingKept("node"));
    it("on Bun", needs("bun"), () => expectNothingKept("bun"));
  });
});

async function expectNothingKept(runtime: Runtime): Promise<void> {
  await using proxy = await openProxy({ runtime, deployments: [{ timeout: 60 }, { timeout: 60 }] });
  await proxy.rank(1_000);
  const ranked = proxy.rank(3_000);
  for (let collections = 0; collections < 10; collections++) await proxy.collect();
  await ranked;
  expect(await keptOfRequests(proxy)).toBeLessThan(mostKept[runtime]);
}

/** As in production: what V8 decides for itself is the point. */
function openProxy(options: PlaceOptions): Promise<WatchedProcess> {
  return openPlace({ kind: "proxy", shape: smallShape }, { ...options, v8Options: [] });
}

/** Bytes a request that outlive a collection of the young generation: the most of two windows, after one in which code is compiled. */
async function keptOfRequests(proxy: WatchedProcess): Promise<number> {
  const kept: number[] = [];
  for (let window = 0; window < 3; window++) {
    const before = await proxy.kept();
    await proxy.rank(requests);
    kept.push(((await proxy.kept()) - before) / requests);
  }
  return Math.max(...kept.slice(1));
}
