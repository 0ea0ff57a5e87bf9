import type { Config } from "./read-configs.ts";
import { unusable } from "../errors.ts";

/** The outputs of a cross-encoder, and the one that means "relevant". */
export interface Labels {
  readonly labels: number;
  readonly positive: number;
}

/**
 * @param model Its name, for messages.
 * @param wish The name or the number of the label that means "relevant", where the configuration says it.
 * @throws DheeraError `invalid_request` where it cannot be told
 */
export function readLabels(model: string, config: Config, wish: string | number | undefined): Labels {
  const names = namesOf(config);
  const labels = names.length;
  if (wish !== undefined) {
    const named = names.findIndex((name) => same(name, String(wish)));
    // What a label is called comes first, because labels may be called by numbers that are not theirs.
    const positive = named === -1 && /^\d{1,6}$/.test(String(wish)) ? Number(wish) : named;
    if (positive in names) return { labels, positive };
    throw unclear(model, names, `has no label ${JSON.stringify(wish)}`);
  }
  if (labels === 1) return { labels, positive: 0 };
  const meant = names.flatMap((name, index) => (relevant.has(name.toLowerCase()) ? [index] : []));
  const [positive] = meant;
  if (positive !== undefined && meant.length === 1) return { labels, positive };
  // The names that transformers gives where nobody did; the second of two is the positive one.
  if (labels === 2 && names.every((name, index) => name === `LABEL_${index}`)) return { labels, positive: 1 };
  throw unclear(model, names, "does not say which of its labels means that a document is relevant");
}

const relevant: ReadonlySet<string> = new Set([
  "relevant",
  "is_relevant",
  "positive",
  "yes",
  "true",
  "1",
  "match",
  "entailment",
]);

/** By their numbers. Without any, transformers takes two. */
function namesOf({ id2label, num_labels: count }: Config): readonly string[] {
  const entries = Object.entries(id2label ?? {});
  const length = entries.length > 0 ? entries.length : (count ?? 2);
  return Array.from({ length: Math.min(length, mostLabels) }, (_, index) =>
    String(id2label?.[index] ?? `LABEL_${index}`),
  );
}

const mostLabels = 10_000;

function same(one: string, other: string): boolean {
  return one.toLowerCase() === other.trim().toLowerCase();
}

function unclear(model: string, names: readonly string[], problem: string): Error {
  const listed = names.slice(0, 10).map((name) => name.slice(0, 40));
  if (names.length > listed.length) listed.push(`${names.length - listed.length} more`);
  return unusable(
    "invalid_request",
    "positive_label",
    `local/${model} ${problem}; set positive_label to one of ${listed.join(", ")}`,
  );
}
