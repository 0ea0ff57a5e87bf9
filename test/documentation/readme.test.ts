import { readFile, stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { officialProviders } from "dheera-ai";
import { XMLParser } from "fast-xml-parser";
import { describe, expect, it } from "vitest";
import * as v from "valibot";

import { record } from "../recording/record.ts";
import { needs } from "../support/programs.ts";
import { readCommands, readFiles } from "./documented-commands.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const readme = await readFile(`${root}README.md`, "utf8");
const [firstScreen = "", ...others] = readme.split(/^(?=## What is there today$)/m);
const picture = await readFile(`${root}docs/images/terminal.svg`, "utf8");

describe("the first screen of README", () => {
  it("says what it is in two lines, shows it, offers three ways in, compares, and then says what is there", () => {
    const parts = [
      /^# Dheera AI\n\n\*\*One rerank API over every reranker.*\n.*\n\n/,
      /^!\[[^\]]{20,}\]\(docs\/images\/terminal\.svg\)$/m,
      /^\*\*npx\*\*/m,
      /^\*\*npm\*\*/m,
      /^\*\*pip\*\*/m,
      /^## Beside others$/m,
    ];
    const places = parts.map((part) => firstScreen.search(part));
    expect(places).not.toContain(-1);
    expect(places).toEqual(places.toSorted((one, other) => one - other));
    expect(others).toHaveLength(1);
  });

  // commands.test.ts runs them with the packages as they are packed, python/tests/test_readme.py those in Python.
  it("has commands and files for each way that the other tests find and run", () => {
    expect(readCommands(firstScreen).map(({ text }) => text)).toEqual([
      expect.stringMatching(/^npx -y @dheera-ai\/cli rerank /),
      "npm install dheera-ai",
      "node rank.ts",
    ]);
    expect(readFiles(firstScreen).map(({ name }) => name)).toEqual(["rank.ts"]);
    expect(firstScreen).toContain("`pip install dheera-ai`");
    expect(firstScreen.match(/^# → /gm)).toHaveLength(1);
  });

  it("has a source in each cell of its comparison: the peer's own, or a page or test of ours", () => {
    const [header = [], , ...rows] = firstScreen
      .split("\n")
      .filter((line) => line.startsWith("|"))
      .map((line) => line.split("|").slice(1, -1));
    expect(header.map((cell) => cell.trim())).toEqual([
      "",
      "Dheera AI",
      "LiteLLM proxy",
      "Portkey",
      "model servers: TEI, vLLM, Infinity",
    ]);
    expect(rows.length).toBeGreaterThan(7);
    for (const [what = "", ...cells] of rows) {
      expect(cells, what).toHaveLength(4);
      for (const [at, cell] of cells.entries()) {
        const links = [...cell.matchAll(/\]\(([^)]+)\)/g)].map(([, link = ""]) => link);
        expect(links.length, `${what}${cell}`).toBeGreaterThan(0);
        for (const link of links) expect(link, what).toMatch(ownSources[at] ?? /$^/);
      }
    }
  });

  it("says on which day others were read, and how many prefixes there are", () => {
    const [, day = ""] = /^Read on (\d{4}-\d\d-\d\d) in what each says of itself/m.exec(firstScreen) ?? [];
    expect(new Date(day).toISOString()).toContain(day);
    const count = new Set(officialProviders({ environment: {} }).map(({ name }) => name)).size;
    expect(firstScreen).toContain(`[${count} prefixes](docs/providers/README.md)`);
  });
});

describe("the picture of README", () => {
  it("plays within an image: no script, nothing from elsewhere, at most 100 kB; light, dark, and still for who wants that", async () => {
    expect((await stat(`${root}docs/images/terminal.svg`)).size).toBeLessThanOrEqual(100_000);
    expect(picture).not.toMatch(/<script|<foreignObject|href|url\(|@import|@font-face|\son\w+=/i);
    expect(picture).toContain("@media(prefers-color-scheme:dark)");
    expect(picture).toMatch(/@media\(prefers-reduced-motion:reduce\)\{g\{animation:none\}\}/);
    expect(picture).toMatch(/role="img" aria-label="[^"]{20,}"/);
    // Well-formed, or it would be no picture at all.
    expect(new XMLParser().parse(picture, true)).toHaveProperty("svg");
  });

  it(
    "shows what the commands print today (else: node -C source test/recording/make-recording.ts)",
    needs("python3"),
    async () => {
      const { text } = await record(0);
      const shown = lastScreen(picture);
      expect(shown.filter((row) => row.startsWith("$ "))).toHaveLength(3);
      expect(shown.map(stable)).toEqual(text.slice(0, shown.length).map(stable));
      expect(text.slice(shown.length).join("")).toBe("");
    },
  );
});

/** Where each column's facts may come from. */
const ownSources = [
  /^(docs|python|test|bench)\//,
  /^https:\/\/(docs\.litellm\.ai|github\.com\/BerriAI\/litellm(\/|$))/,
  /^https:\/\/(portkey\.ai\/docs\/|github\.com\/Portkey-AI\/)/,
  /^https:\/\/(huggingface\.co\/docs\/text-embeddings-inference\/|github\.com\/(huggingface\/text-embeddings-inference|vllm-project\/vllm|michaelfeil\/infinity)(\/|$))/,
];

/** How fast a machine is, where a column then ends, and which port is free, is not what the picture promises. */
function stable(row: string): string {
  return row
    .replaceAll(/\b[\d.,]+ m?s\b/g, "0 ms")
    .replaceAll(/127\.0\.0\.1:\d+/g, "127.0.0.1:0")
    .replaceAll(/ +/g, " ");
}

/** What stays to the end of a picture that `drawSvg` has drawn, row by row. */
function lastScreen(svg: string): readonly string[] {
  const parser = new XMLParser({
    ignoreAttributes: false,
    trimValues: false,
    parseTagValue: false,
    isArray: (name) => name === "g" || name === "text",
  });
  const { g: groups } = v.parse(v.object({ svg: drawing }), parser.parse(svg)).svg;
  const rows: string[] = [];
  for (const group of groups.filter((candidate) => !/\bpassing\b/.test(candidate["@_class"])))
    rows[Number(group["@_data-row"])] = group.text.map((run) => run["#text"]).join("");
  return Array.from(rows, (row = "") => row);
}

const drawing = v.object({
  g: v.array(
    v.object({ "@_class": v.string(), "@_data-row": v.string(), text: v.array(v.object({ "#text": v.string() })) }),
  ),
});
