import { readFileSync } from "node:fs";

import { expect, it } from "vitest";

it("has the same colours and letters on the gateway's pages and on those of the command line", () => {
  const gateway = valuesOf("../apps/proxy/src/pages/theme.css");
  const own = valuesOf("../packages/eval/src/page/look.css");
  expect(own.size).toBeGreaterThan(10);
  expect([...own].filter(([name, value]) => gateway.get(name) !== value)).toEqual([]);
});

function valuesOf(path: string): ReadonlyMap<string, string> {
  const styles = readFileSync(new URL(path, import.meta.url), "utf8");
  return new Map(
    [...styles.matchAll(/^ {2}(--[\w-]+):\s*([^;]+);/gm)].map(([, name = "", value = ""]) => [
      name,
      value.replaceAll(/\s+/g, " "),
    ]),
  );
}
