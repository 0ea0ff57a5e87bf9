import { expect, it } from "vitest";

import { smallShape } from "../proxy/load/shapes.ts";
import { openPlace } from "./open-place.ts";

const windows = 3;
const requests = 2_000;
/** Bytes a request, of which some 40,000 are garbage when it was answered. */
const mostKept = 2_000;

it("keeps nothing of requests that were answered, also where a crowd was the first to come", async () => {
  // As in production: what V8 decides while the crowd waits is the point.
  await using proxy = await openPlace({ kind: "proxy", shape: smallShape }, { connections: 256, v8Options: [] });
  await proxy.rank(10_000);
  const kept: number[] = [];
  for (let window = 0; window < windows; window++) {
    const before = await proxy.kept();
    await proxy.rank(requests);
    kept.push(((await proxy.kept()) - before) / requests);
  }
  expect(Math.max(...kept)).toBeLessThan(mostKept);
});
