import type { LocalModel } from "@dheera-ai/local/hub";

import { describeBytes } from "../drawing/amounts.ts";
import { fit } from "../drawing/fit.ts";
import { painter } from "../drawing/painter.ts";
import { drawTable } from "../drawing/table.ts";
import { loadLocalHub } from "../local/local-hub.ts";
import type { Output, Terminal } from "../terminal.ts";

/** The models of the Hub on this machine, those that other programs downloaded too. */
export async function listLocalModels(environment: Terminal["environment"]): Promise<readonly LocalModel[]> {
  return (await loadLocalHub()).listModels({ environment });
}

/** As `--output json` has them. */
export function localModelLines(models: readonly LocalModel[]): readonly object[] {
  return models.map(({ name, refs, commit, kind, weights, dtype, tokens, bytes, lastUsed, problem }) => ({
    model: nameOf(name, refs, commit),
    revisions: refs,
    commit,
    kind,
    weights,
    dtype,
    tokens,
    bytes,
    last_used: lastUsed?.toISOString(),
    problem,
  }));
}

export function drawLocalModels(models: readonly LocalModel[], output: Output): string {
  if (models.length === 0)
    return "No model of the Hugging Face Hub is on this machine; dheera_ai pull cross-encoder/ms-marco-MiniLM-L6-v2 gets one.";
  const paint = painter(output.color);
  const columns = [
    { heading: "model", style: (cell: string) => paint("bold", cell) },
    { heading: "commit" },
    { heading: "kind" },
    { heading: "weights" },
    { heading: "size", align: "right" as const },
    { heading: "last use" },
    { heading: "remarks" },
  ];
  const rows = models.map(({ name, refs, commit, kind, weights, dtype, bytes, lastUsed, problem }) => [
    fit(nameOf(name, refs, commit), 80),
    commit.slice(0, 12),
    kind ?? "",
    weights === undefined ? "" : `${fit(weights, 60)} (${dtype})`,
    describeBytes(bytes),
    lastUsed?.toISOString().slice(0, 10) ?? "",
    problem === undefined ? "" : fit(`cannot be used: ${problem}`, 300),
  ]);
  return drawTable(columns, rows, (heading) => paint("dim", heading), output.width).join("\n");
}

/** As a request names it: the branch `main` needs no name. */
export function nameOf(name: string, refs: readonly string[], commit: string): string {
  return refs.includes("main") ? `local/${name}` : `local/${name}@${refs[0] ?? commit}`;
}
