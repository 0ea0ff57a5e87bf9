import { readFileSync } from "node:fs";

import { expect, it } from "vitest";

it.each([
  ["those of the command line", "../packages/eval/src/page/look.css"],
  ["the documentation site", "../apps/site/src/astro/colours.css"],
])("has the same colours and letters on the gateway's pages and on %s", (_, styles) => {
  const gateway = valuesOf("../apps/proxy/src/pages/theme.css");
  const own = [...valuesOf(styles)].filter(([name]) => !name.startsWith("--sl-"));
  expect(own.length).toBeGreaterThan(10);
  expect(own.filter(([name, value]) => gateway.get(name) !== value)).toEqual([]);
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
