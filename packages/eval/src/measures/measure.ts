import { DheeraError } from "@dheera-ai/core";

/** A measure of one ranking, by its name in reports. */
export interface Measure {
  /** `ndcg@10`, `map`. */
  readonly name: string;
  readonly kind: MeasureKind;
  /** Documents from the top that count; undefined for all. */
  readonly cutoff: number | undefined;
}

export type MeasureKind = (typeof kinds)[number];

const kinds = ["ndcg", "mrr", "recall", "map", "p"] as const;

/**
 * Measures from their names: `ndcg`, `mrr`, `recall` and `map`, of the whole ranking or with `@k` of its best k; `p@k`. Each
 * once, in the order given.
 * @throws DheeraError `invalid_request` naming the one that is not known.
 */
export function parseMeasures(names: readonly string[]): readonly Measure[] {
  const measures = new Map(names.map((name) => parseMeasure(name)).map((measure) => [measure.name, measure]));
  return [...measures.values()];
}

function parseMeasure(given: string): Measure {
  const [, name = "", digits] = /^(\w+)(?:@(\d{1,7}))?$/.exec(given.trim().toLowerCase()) ?? [];
  const kind = kinds.find((known) => known === name);
  const cutoff = digits === undefined ? undefined : Number(digits);
  if (kind === undefined || cutoff === 0 || (kind === "p" && cutoff === undefined))
    throw new DheeraError(
      "invalid_request",
      `the measure "${given.slice(0, 40)}" is not known; there are ndcg@10, mrr@10, recall@100, map, map@100 and p@5, with any whole number from 1 on`,
      { param: "measures" },
    );
  return { kind, cutoff, name: cutoff === undefined ? kind : `${kind}@${cutoff}` };
}
