import { createHash } from "node:crypto";

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { EvalReport, ModelReport } from "../report/eval-report.ts";
import { renderReport } from "./render-report.ts";
import { exampleReport } from "./testing/example-report.ts";

const example = exampleReport();

describe("the page of a report", () => {
  it("loads nothing, and runs no script and no styles but its own", async () => {
    const page = await renderReport(example);
    expect(page).not.toMatch(/\b(src|srcset|action|formaction|ping|data)\s*=|url\(|@import|https?:/i);
    expect([...page.matchAll(/\bhref="([^"]*)"/g)].filter(([, target]) => !target?.startsWith("#"))).toEqual([]);
    expect(page).not.toMatch(/<[^>]*\s(on\w+|style)=/i);
    const policy =
      /http-equiv="content-security-policy"\s+content="([^"]*)"/.exec(page)?.[1]?.replaceAll("&#39;", "'") ?? "";
    expect(policy).toContain("default-src 'none'");
    for (const [kind, element] of [
      ["style-src", "style"],
      ["script-src", "script"],
    ] as const) {
      const [whole, ...others] = [...page.matchAll(new RegExp(`<${element}>([\\s\\S]*?)</${element}>`, "g"))];
      expect(others).toEqual([]);
      const hash = createHash("sha256")
        .update(whole?.[1] ?? "")
        .digest("base64");
      expect(policy).toContain(`${kind} 'sha256-${hash}'`);
    }
  });

  it("shows every model with its figures, what they rest on, and every difference", async () => {
    const text = textOf(await renderReport(example));
    for (const [name, { metrics, compared }] of Object.entries(example.models)) {
      expect(text).toContain(name);
      for (const value of Object.values(metrics)) expect(text).toContain(value.toFixed(4));
      const difference = compared?.[example.main_metric]?.difference;
      if (difference !== undefined) expect(text).toContain(`+${difference.toFixed(4)}`);
    }
    expect(text).toContain("320 documents, 640 judgements");
    expect(text).toContain("all 40, chosen with the seed 7");
    expect(text).toContain("93.6 % of the relevant documents");
    expect(text).toContain("27 November 2026, 03:40 UTC");
  });

  it("never reads texts as HTML, whatever they are", async () => {
    const hostile = fc.oneof(
      fc.constantFrom(
        "</script><script>alert(1)</script>",
        "</style><img src=x onerror=alert(1)>",
        '"><svg onload=alert(1)>',
        "' autofocus onfocus='alert(1)",
        "<!--",
        "]]>",
        "&lt;b&gt;&#60;",
        "\u202Egnp.exe",
        "\u2066\u2067",
        "\uD800",
        "\0",
        "",
        "   ",
        "𝒳".repeat(40_000),
        "__proto__",
        "${1}",
        "$&$1",
      ),
      fc.string({ unit: "binary", maxLength: 300 }),
    );
    const small = exampleReport(4);
    const harmless = await skeletonOf(withTexts(small, "harmless"));
    await fc.assert(
      fc.asyncProperty(hostile, async (text) => {
        expect((await skeletonOf(withTexts(small, text))) === harmless).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it("says that it ended early, and what was warned of", async () => {
    const text = textOf(
      await renderReport({
        ...example,
        stopped: "the next query may cost more than --max_cost",
        warnings: ["odd <b>"],
      }),
    );
    expect(text).toContain("Not all of it was measured. the next query may cost more than --max_cost");
    expect(text).toContain("A warning odd &lt;b&gt;");
  });

  it("shows costs that are unknown, and none where all are nothing", async () => {
    const unknown = textOf(await renderReport(withCosts(example, [null, 0, 2, null])));
    expect(unknown).toContain("Not in the picture, because their cost is not known: bm25, cheap-then-good.");
    expect(textOf(await renderReport(withCosts(example, [null, null, null, null])))).toContain(
      "The cost of no model is known",
    );
    expect(textOf(await renderReport(withCosts(example, [0, 0, 0, 0])))).toContain("All of them cost nothing");
  });

  it("is made of one model alone, of none, and of queries that all failed", async () => {
    const [[name, model] = ["", undefined]] = Object.entries(example.models);
    if (model === undefined) throw new Error("the example has no model");
    const alone = textOf(await renderReport({ ...example, models: { [name]: model } }));
    expect(alone).toContain("Lowest");
    expect(alone).not.toContain("beside");
    expect(textOf(await renderReport({ ...example, models: {} }))).toContain("No model was measured.");
    const failed: ModelReport = {
      ...model,
      metrics: { "ndcg@10": 0 },
      intervals: { "ndcg@10": [0, 0] },
      queries: 0,
      errors: 40,
      error: "the key is refused",
      cost: null,
      cost_per_1000_queries: null,
      latency: null,
      per_query: Object.fromEntries(
        Object.keys(model.per_query).map((id) => [
          id,
          { metrics: {}, milliseconds: 0, top: [], error: "the key is refused" },
        ]),
      ),
    };
    const text = textOf(await renderReport({ ...example, models: { ...example.models, failed } }));
    expect(text).toContain("failed: the key is refused");
    expect(text).toContain("Failed, and counts as 0: the key is refused");
  });

  it("stays small when many queries with long texts were measured", async () => {
    const page = await renderReport(withTexts(exampleReport(3_000), "long ".repeat(4_000)));
    expect(page.length).toBeLessThan(6_000_000);
    expect(textOf(page)).toContain("The 250 best and the 250 worst of 3,000");
  });
});

/** Every text of the report that comes from outside is this one. */
function withTexts(report: EvalReport, text: string): EvalReport {
  const all = (texts: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(Object.keys(texts).map((id) => [id, text]));
  return {
    ...report,
    collection: { ...report.collection, name: text },
    candidates: { ...report.candidates, source: text },
    date: text,
    texts: { queries: all(report.texts.queries), documents: all(report.texts.documents) },
    stopped: text,
    warnings: [text],
    models: Object.fromEntries(
      Object.entries(report.models).map(([name, model], index) => [
        name === report.baseline ? name : `${index} ${text}`,
        {
          ...model,
          error: text,
          per_query: Object.fromEntries(
            Object.entries(model.per_query).map(([id, query]) => [id, { ...query, error: text }]),
          ),
        },
      ]),
    ),
  };
}

/** Every tag with the names of its attributes, and nothing that places of labels decide. */
async function skeletonOf(report: EvalReport): Promise<string> {
  const page = (await renderReport(report)).replaceAll(/<(style|script)>[\s\S]*?<\/\1>/g, "<$1></$1>");
  return [...page.matchAll(/<[^>]*>/g)]
    .map(([tag]) => tag.replaceAll(/"[^"]*"/g, '""').replaceAll(/\s+/g, " "))
    .filter((tag) => !tag.startsWith('<path class="" d=""'))
    .join("\n");
}

function withCosts(report: EvalReport, costs: readonly (number | null)[]): EvalReport {
  return {
    ...report,
    models: Object.fromEntries(
      Object.entries(report.models).map(([name, model], index) => [
        name,
        { ...model, cost: costs[index] ?? null, cost_per_1000_queries: costs[index] ?? null },
      ]),
    ),
  };
}

function textOf(page: string): string {
  return page
    .replaceAll(/<(style|script|title)>[\s\S]*?<\/\1>/g, "")
    .replaceAll(/<[^>]*>/g, "")
    .replaceAll(/\s+/g, " ");
}
