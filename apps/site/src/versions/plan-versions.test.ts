import fc from "fast-check";
import { expect, it } from "vitest";

import { planVersions } from "./plan-versions.ts";

it("takes the newest tag of each minor version, newest first", () => {
  const tags = [
    "v0.1.0",
    "dheera-ai@0.1.10",
    "v0.1.9",
    "v0.10.0",
    "v0.2.0",
    "v1.0.0-rc.1",
    "@dheera-ai/core@0.9.0",
    "latest",
  ];
  expect(planVersions(tags)).toEqual([
    { name: "0.10", folder: "v0.10", version: "0.10.0", tag: "v0.10.0" },
    { name: "0.2", folder: "v0.2", version: "0.2.0", tag: "v0.2.0" },
    { name: "0.1", folder: "v0.1", version: "0.1.10", tag: "dheera-ai@0.1.10" },
  ]);
});

it("says the same in whichever order tags come", () => {
  const tag = fc.tuple(fc.nat(3), fc.nat(12), fc.nat(12)).map((parts) => `v${parts.join(".")}`);
  fc.assert(
    fc.property(fc.uniqueArray(tag), (tags) => {
      expect(planVersions(tags.toReversed())).toEqual(planVersions(tags));
      expect(new Set(planVersions(tags).map(({ folder }) => folder)).size).toBe(planVersions(tags).length);
    }),
  );
});
