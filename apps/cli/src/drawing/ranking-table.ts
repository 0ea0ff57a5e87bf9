import type { JsonDocument, RerankResponse } from "@dheera-ai/core";

import type { Output } from "../terminal.ts";
import { fit } from "./fit.ts";
import { painter } from "./painter.ts";
import { barShares, drawBar } from "./score-bar.ts";
import { type Column, drawTable } from "./table.ts";

/** A ranking as a table: rank, score, a bar, the document's index and as much of its text as the width allows. */
export function drawRanking(
  ranking: RerankResponse,
  documents: readonly JsonDocument[],
  output: Pick<Output, "width" | "color">,
): string {
  const paint = painter(output.color);
  const barWidth = output.width >= 80 ? 20 : 8;
  const scores = ranking.results.map((result) => result.relevance_score.toFixed(4));
  const shares = barShares(
    ranking.results.map((result) => result.relevance_score),
    ranking.meta.score_kind,
  );
  const columns: Column[] = [
    { heading: "", align: "right" },
    { heading: "score", align: "right", style: (cell) => paint("bold", cell) },
    { heading: "", style: (cell) => paint("cyan", cell) },
    { heading: "index", align: "right", style: (cell) => paint("dim", cell) },
    { heading: "document" },
  ];
  const usedWidth =
    String(scores.length).length + widest(["score", ...scores]) + barWidth + "index".length + 4 * "  ".length;
  const rows = ranking.results.map((result, at) => [
    String(at + 1),
    scores[at] ?? "",
    drawBar(shares[at] ?? 0, barWidth).padEnd(barWidth),
    String(result.index),
    fit(textOf(documents[result.index]), Math.max(10, output.width - usedWidth)),
  ]);
  const summary = [
    ranking.model,
    `${count(ranking.results.length, "result")} of ${count(documents.length, "document")}`,
    ...costs(ranking.usage),
  ].join(" · ");
  return [...drawTable(columns, rows, (text) => paint("dim", text)), "", paint("dim", summary)].join("\n");
}

/** Nothing where the cost is not known. */
function costs({ cost, saved_cost }: RerankResponse["usage"] & object = {}): readonly string[] {
  return [
    ...(cost === undefined ? [] : [dollars(cost)]),
    ...(saved_cost === undefined ? [] : [`${dollars(saved_cost)} saved`]),
  ];
}

function dollars(amount: number): string {
  return `$${amount.toLocaleString("en", { maximumSignificantDigits: 3 })}`;
}

function textOf(document: JsonDocument | undefined): string {
  if (typeof document === "string" || document === undefined) return document ?? "";
  return typeof document["text"] === "string" ? document["text"] : JSON.stringify(document);
}

function widest(cells: readonly string[]): number {
  return Math.max(...cells.map((cell) => cell.length));
}

function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? "" : "s"}`;
}
