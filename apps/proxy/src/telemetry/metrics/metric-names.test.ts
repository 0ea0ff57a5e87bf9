import { readFile } from "node:fs/promises";

import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";

import { readSamples } from "../fixtures/samples.ts";
import { createMetrics } from "./create-metrics.ts";

/** Types of all metrics, by name. */
let types: ReadonlyMap<string, string>;
beforeAll(async () => {
  const page = await createMetrics({
    takeSnapshot: () => undefined,
    version: "1",
    droppedLines: () => 0,
  }).metrics.text();
  types = new Map([...page.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = "", type = ""]) => [name, type]));
  expect([...types.keys()]).toEqual(readSamples(page).names);
});

describe.each(["grafana/dashboard.json", "prometheus/alerts.yml"])("deploy/%s", (file) => {
  it("asks for metrics that exist, and histograms for their parts", async () => {
    const asked = namesIn(expressionsOf(parse(await read(`deploy/${file}`))).join("\n"));
    expect(asked.length).toBeGreaterThan(5);
    expect(asked.filter((name) => !isExposed(name))).toEqual([]);
  });
});

it("shows every metric of the proxy in the dashboard", async () => {
  const asked = new Set(namesIn(await read("deploy/grafana/dashboard.json")).map(familyOf));
  expect(ownNames().filter((name) => !asked.has(name))).toEqual([]);
});

it("explains every metric of the proxy in docs/telemetry.md, and none that does not exist", async () => {
  const text = await read("docs/telemetry.md");
  const explained = [...text.matchAll(/^\| `(dheera_ai_\w+)` \| (\w+) \|/gm)].map(([, name = "", type = ""]) => [
    name,
    type,
  ]);
  expect(Object.fromEntries(explained)).toEqual(Object.fromEntries(ownNames().map((name) => [name, types.get(name)])));
});

/** All expressions: the values of keys `expr` and the queries of a dashboard's variables. */
function expressionsOf(node: unknown): readonly string[] {
  if (typeof node !== "object" || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) =>
    typeof value === "string" && (key === "expr" || key === "query") ? [value] : expressionsOf(value),
  );
}

function namesIn(text: string): readonly string[] {
  return [...new Set(text.match(/\b(dheera_ai|process|nodejs)_\w+/g))];
}

function isExposed(name: string): boolean {
  const type = types.get(familyOf(name));
  return type === "histogram" ? /_(bucket|sum|count)$/.test(name) : type !== undefined;
}

/** The name without the suffixes of a histogram's parts. */
function familyOf(name: string): string {
  const stem = name.replace(/_(bucket|sum|count)$/, "");
  return types.get(stem) === "histogram" ? stem : name;
}

function ownNames(): readonly string[] {
  return [...types.keys()].filter((name) => name.startsWith("dheera_ai_"));
}

function read(path: string): Promise<string> {
  return readFile(new URL(`../../../../../${path}`, import.meta.url), "utf8");
}
