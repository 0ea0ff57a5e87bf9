import type { Judgement, Verdict } from "../../judgements.ts";
import type { Changes, DocumentText, JudgingState, NewJudgement, Refusal } from "../../server/exchange.ts";
import type { Place } from "./places.ts";

/** The server of this page; it is part of the same package, which is why its answers are not checked again. */
export class JudgingClient {
  readonly #texts = new Map<string, DocumentText>();

  state(): Promise<JudgingState> {
    return ask<JudgingState>("state");
  }

  /** What was judged in other tabs. */
  async changes(state: JudgingState): Promise<JudgingState> {
    return withChanges(state, await ask<Changes>(`changes?since=${state.revision}`));
  }

  /** Saves a judgement; `isOvertaken` where another tab had judged it, and nothing was saved. */
  async judge(
    state: JudgingState,
    { query, document }: Place,
    verdict: Verdict,
  ): Promise<{ readonly state: JudgingState; readonly isOvertaken: boolean }> {
    const seen = verdictAt(state, { query, document });
    const body: NewJudgement = { query, document, verdict, seen, since: state.revision };
    const response = await send("judgement", body);
    const changes: Changes = await response.json();
    return { state: withChanges(state, changes), isOvertaken: response.status === 409 };
  }

  async text(document: string): Promise<DocumentText> {
    const known = this.#texts.get(document) ?? (await ask<DocumentText>(`document?id=${encodeURIComponent(document)}`));
    this.#texts.set(document, known);
    return known;
  }

  async finish(): Promise<void> {
    await send("finish", {});
  }
}

export function verdictAt({ queries }: JudgingState, { query, document }: Place): Verdict | null {
  return queries.find(({ id }) => id === query)?.documents.find(({ id }) => id === document)?.verdict ?? null;
}

function withChanges(state: JudgingState, { revision, judgements }: Changes): JudgingState {
  const last = new Map<string, Judgement>();
  for (const judgement of judgements) last.set(JSON.stringify([judgement.query, judgement.document]), judgement);
  if (last.size === 0) return { ...state, revision };
  const queries = state.queries.map((query) => ({
    id: query.id,
    text: query.text,
    documents: query.documents.map(({ id, verdict }) => ({
      id,
      verdict: last.get(JSON.stringify([query.id, id]))?.verdict ?? verdict,
    })),
  }));
  return { ...state, revision, queries };
}

async function ask<Answer>(path: string): Promise<Answer> {
  const response = await reach(path);
  return response.json();
}

function send(path: string, body: object): Promise<Response> {
  return reach(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

/** @throws Error that says what to do */
async function reach(path: string, init?: RequestInit): Promise<Response> {
  const response = await fetch(path, init).catch(() => {
    throw new Error("the command has ended; start dheera_ai eval init again, it goes on here");
  });
  if (response.ok || response.status === 409) return response;
  const refusal: Refusal = await response.json();
  throw new Error(refusal.error);
}
