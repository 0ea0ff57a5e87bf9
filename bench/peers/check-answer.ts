import { type Dialect, type Ranked, rankingOf, resultsOwed } from "./dialects.ts";
import { upstreamAnswer } from "../proxy/load/shapes.ts";
import type { Shape } from "../proxy/load/shapes.ts";
import type { Target } from "../proxy/load/measured.ts";

/** Scores may be written with fewer digits. */
const tolerance = 1e-6;
/** Milliseconds. */
const patience = 30_000;

export interface Checked {
  /** What is wrong; undefined where the answer is right. */
  readonly fault?: string;
  /** Whether there was an answer at all. */
  readonly answered: boolean;
}

/** Asks once, and looks at the answer. */
export async function askAndCheck(target: Target, dialect: Dialect, shape: Shape): Promise<Checked> {
  let answered = false;
  try {
    const response = await ask(target);
    answered = true;
    const text = await response.text();
    return { answered, fault: response.ok ? faultOf(dialect, shape, JSON.parse(text)) : `status ${response.status}` };
  } catch (error) {
    return { answered, fault: error instanceof SyntaxError ? "an answer that is no JSON" : "no answer" };
  }
}

/**
 * Compares an answer with what the upstream says: the best documents in this order, as many as were asked for, each with its score.
 * @returns what is wrong with it; undefined where it is right
 */
export function faultOf(dialect: Dialect, shape: Shape, answer: unknown): string | undefined {
  let given: readonly Ranked[];
  try {
    given = rankingOf(dialect, answer);
  } catch {
    return "an answer of another form";
  }
  const owed = rankingOf("passed on", JSON.parse(upstreamAnswer(shape))).slice(0, resultsOwed(dialect, shape));
  if (given.length !== owed.length) return `${given.length} results in place of ${owed.length}`;
  if (owed.some(({ index }, rank) => given[rank]?.index !== index)) return "another order";
  // Negated, so that no number is near enough to NaN.
  if (!owed.every(({ score }, rank) => Math.abs((given[rank]?.score ?? Number.NaN) - score) <= tolerance))
    return "other scores";
  return undefined;
}

/** One request, as the load sends it. */
function ask({ url, body, key, headers }: Target): Promise<Response> {
  return fetch(url, {
    method: "POST",
    body,
    headers: {
      "content-type": "application/json",
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...headers,
    },
    signal: AbortSignal.timeout(patience),
  });
}
