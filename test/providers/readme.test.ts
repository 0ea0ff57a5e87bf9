import { readFileSync } from "node:fs";

import { officialProviders } from "dheera-ai";
import { describe, expect, it } from "vitest";

const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");

describe("the list of prefixes in README", () => {
  it("names each one that there is, and no other", () => {
    const rows = readme.slice(readme.indexOf("| where the model runs")).split("\n");
    const table = rows.slice(
      0,
      rows.findIndex((row) => row.startsWith("| anywhere else")),
    );
    const named = table.slice(2).flatMap((row) => [...row.matchAll(/`([a-z0-9_]+)`/g)].map(([, prefix]) => prefix));
    const prefixes = officialProviders({ environment: {} }).map(({ name }) => name);
    expect([...new Set(named)].toSorted()).toEqual(prefixes.toSorted());
  });
});
