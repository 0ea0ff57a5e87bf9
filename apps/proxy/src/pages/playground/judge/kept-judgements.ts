import { type JudgedQuery, Judgements, judgedOnly } from "./judgements.ts";

const keyName = "dheera-ai-judgements";

/** For as long as the tab is open, as everything that is typed. */
export function keptJudgements(): Judgements {
  const kept = sessionStorage.getItem(keyName);
  return Judgements.read(kept === null ? [] : JSON.parse(kept));
}

/**
 * Browsers keep some megabytes: where these are too few, documents that were not judged are left out.
 * @returns whether the judgements are kept
 */
export function keepJudgements(queries: readonly JudgedQuery[]): boolean {
  return keep(queries) || keep(judgedOnly(queries));
}

function keep(queries: readonly JudgedQuery[]): boolean {
  try {
    sessionStorage.setItem(keyName, JSON.stringify(queries));
    return true;
  } catch {
    sessionStorage.removeItem(keyName);
    return false;
  }
}
