import { type Dialect, type Ranked, rankingOf, resultsOwed } from "./dialects.ts";
import { upstreamAnswer } from "../proxy/load/shapes.ts";
import type { Shape } from "../proxy/load/shapes.ts";
import type { Target } from "../proxy/load/measured.ts";

/** Scores may be written with fewer digits. */
const tolerance = 1e-6;
/** Milliseconds. */
const patience = 30_000;

/** What an answer is worth. */
export interface Verdict {
  /** What is wrong; undefined where the answer is right. */
  readonly fault?: string;
  /** What callers must do themselves with an answer that is right otherwise. */
  readonly remark?: string;
}

export interface Checked extends Verdict {
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
    if (!response.ok) return { answered, fault: `status ${response.status}` };
    return { answered, ...verdictOn(dialect, shape, JSON.parse(text)) };
  } catch (error) {
    return { answered, fault: error instanceof SyntaxError ? "an answer that is no JSON" : "no answer" };
  }
}

/**
 * Compares an answer with what the upstream says: the best documents in this order, as many as were asked for, each with its score. Whoever
 * passes over `top_n` and gives all of them, rightly, is not wrong: a caller can leave the rest out.
 */
export function verdictOn(dialect: Dialect, shape: Shape, answer: unknown): Verdict {
  let given: readonly Ranked[];
  try {
    given = rankingOf(dialect, answer);
  } catch {
    return { fault: "an answer of another form" };
  }
  const all = rankingOf("passed on", JSON.parse(upstreamAnswer(shape)));
  const owed = resultsOwed(dialect, shape);
  const isWhole = given.length === all.length;
  if (given.length !== owed && !isWhole) return { fault: `${given.length} results in place of ${owed}` };
  if (given.some(({ index }, rank) => all[rank]?.index !== index)) return { fault: "another order" };
  // Negated, so that no number is near enough to NaN.
  if (!given.every(({ score }, rank) => Math.abs(score - (all[rank]?.score ?? Number.NaN)) <= tolerance))
    return { fault: "other scores" };
  return given.length === owed ? {} : { remark: `gives all ${given.length} in place of ${owed}` };
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
