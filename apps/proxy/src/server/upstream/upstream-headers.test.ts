import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { UpstreamHeaders } from "./upstream-headers.ts";

describe("UpstreamHeaders", () => {
  it.each<[string, HeadersInit]>([
    ["a record", { "X-A": "1", b: "2" }],
    [
      "pairs",
      [
        ["X-A", "1"],
        ["b", "2"],
      ],
    ],
    ["Headers", new Headers({ "x-a": "1", b: "2" })],
    ["its own kind", new UpstreamHeaders({ "x-a": "1", b: "2" })],
  ])("takes %s", (_name, init) => {
    const headers = new UpstreamHeaders(init);
    expect([...headers].toSorted()).toEqual([
      ["b", "2"],
      ["x-a", "1"],
    ]);
    expect([headers.get("X-a"), headers.has("B"), headers.get("c")]).toEqual(["1", true, null]);
  });

  it("answers as a real Headers object does after any sequence of calls", () => {
    const name = fc.constantFrom("a", "A", "content-type", "Content-Type", "x-b");
    const step = fc.oneof(
      fc.tuple(fc.constantFrom("set", "append"), name, fc.stringMatching(/^[a-z0-9]{1,5}$/)),
      fc.tuple(fc.constant("delete"), name, fc.constant("")),
    );
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const ours = new UpstreamHeaders();
        const real = new Headers();
        for (const [action, key, value] of steps)
          for (const headers of [ours, real]) {
            if (action === "set") headers.set(key, value);
            else if (action === "append") headers.append(key, value);
            else headers.delete(key);
          }
        expect([...ours].toSorted()).toEqual([...real].toSorted());
        expect([...ours.keys()].toSorted()).toEqual([...real.keys()].toSorted());
        expect([...ours.values()].toSorted()).toEqual([...real.values()].toSorted());
        const seen: string[] = [];
        ours.forEach((value, key) => seen.push(`${key}: ${value}`));
        expect(seen).toHaveLength([...real].length);
      }),
    );
  });
});
