import { type KnownModel, type KnownProvider, knownProviders } from "@dheera-ai/providers";

import { fit } from "../drawing/fit.ts";
import { painter } from "../drawing/painter.ts";
import { drawTable } from "../drawing/table.ts";
import type { Output } from "../terminal.ts";

/** A model that is known without asking its provider; `<provider>/*` stands for any that is not named. */
export interface KnownModelLine extends KnownModel {
  /** For people. */
  readonly provider: string;
  /** The package that has to be installed for it. */
  readonly package?: string;
  /** What has to be installed beside that package. */
  readonly runtime?: readonly string[];
}

/** Every model that is known, provider by provider. */
export function listKnownModels(): readonly KnownModelLine[] {
  return knownProviders().flatMap((provider) => provider.models.map((model) => lineOf(provider, model)));
}

function lineOf(provider: KnownProvider, { model, ...facts }: KnownModel): KnownModelLine {
  const { name, label, package: packageName, runtime } = provider;
  return {
    model: `${name}/${model}`,
    provider: label,
    ...facts,
    ...(packageName !== undefined && { package: packageName }),
    ...(runtime !== undefined && { runtime }),
  };
}

export function drawKnownModels(lines: readonly KnownModelLine[], output: Output): string {
  const paint = painter(output.color);
  const columns = [
    { heading: "model", style: (cell: string) => paint("bold", cell) },
    { heading: "context", align: "right" as const },
    { heading: "scores" },
    { heading: "price" },
    { heading: "remarks" },
  ];
  const rows = lines.map((line) => [
    fit(line.model, 60),
    line.context === undefined ? "" : line.context.toLocaleString("en-US"),
    line.score_kind,
    describePrice(line),
    remarksOf(line),
  ]);
  return drawTable(columns, rows, (heading) => paint("dim", heading), output.width).join("\n");
}

function describePrice({ price, billing }: KnownModel): string {
  if (price === undefined) return billing === "compute" ? "" : "unknown";
  const { per_search, per_million_tokens } = price;
  return [
    ...(per_search === undefined ? [] : [`$${per_search}/search`]),
    ...(per_million_tokens === undefined ? [] : [`$${per_million_tokens}/M tokens`]),
  ].join(", ");
}

function remarksOf({ scoring, deprecated, package: packageName, runtime = [] }: KnownModelLine): string {
  return [
    ...(scoring === "listwise" ? ["listwise"] : []),
    ...(deprecated === undefined ? [] : [`deprecated: ${deprecated}`]),
    ...(packageName === undefined ? [] : [["npm install", packageName, ...runtime].join(" ")]),
  ].join("; ");
}
