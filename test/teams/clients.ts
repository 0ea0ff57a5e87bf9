import { setTimeout as wait } from "node:timers/promises";

import * as v from "valibot";

import { type Random, createRandom } from "../simulator/random.ts";
import { type ModelName, modelNames } from "./models.ts";
import { type People, type PlannedKey, pickKey } from "./people.ts";
import type { Life, Stage } from "./stage.ts";
import type { Text, Texts } from "./texts.ts";

/** How a client saw one request end. */
export type Outcome =
  | {
      readonly kind: "answered";
      readonly status: number;
      /** Of a refusal. */
      readonly code: string;
      /** What a refusal says, or what is wrong with a ranking. */
      readonly says: string | undefined;
    }
  /** The connection broke. */
  | { readonly kind: "broken"; readonly reason: string }
  /** There was no answer for a time in which there always is one. */
  | { readonly kind: "hung" };

/** One request of a client to one proxy; its retries are others. Times are by `performance.now`. */
export interface Attempt {
  /** In the header `x-dheera-call-id`, and the query. */
  readonly id: string;
  readonly key: PlannedKey;
  readonly text: Text;
  readonly model: ModelName;
  readonly life: Life;
  readonly begun: number;
  readonly ended: number;
  readonly outcome: Outcome;
}

/** Milliseconds: waits for the database, for room in a budget and for the upstream together are shorter. */
const longest = 30_000;
/** Requests at one time. */
const clients = 24;

/** Sends requests until it is told to stop. What was not answered is sent again to another proxy. */
export async function runClients(
  stage: Stage,
  people: People,
  texts: Texts,
  seed: number,
  isOver: () => boolean,
): Promise<readonly Attempt[]> {
  const attempts: Attempt[] = [];
  await Promise.all(
    Array.from({ length: clients }, async (_, client) => {
      const random = createRandom(seed * 1_000 + client);
      for (let number = 0; !isOver(); number++) {
        const key = texts.interesting(random) ?? pickKey(random, people);
        const model = random.pick(modelNames);
        const first = random.integer(0, stage.lives.length - 1);
        for (let attempt = 0; attempt < 4; attempt++) {
          const life = stage.lives[(first + attempt) % stage.lives.length];
          if (life === undefined) continue;
          const made = await ask(`c${client}-${number}-${attempt}`, life, key, texts.of(key, random), model, random);
          attempts.push(made);
          if (made.outcome.kind === "answered" && made.outcome.status < 500) break;
        }
        await wait(random.integer(20, 200));
      }
    }),
  );
  return attempts;
}

async function ask(
  id: string,
  life: Life,
  key: PlannedKey,
  text: Text,
  model: ModelName,
  random: Random,
): Promise<Attempt> {
  const scores = Array.from({ length: random.integer(2, 6) }, () => random.integer(1, 999) / 1_000);
  const begun = performance.now();
  const outcome = await outcomeOf(
    fetch(`${life.process.url}/v1/rerank`, {
      method: "POST",
      headers: { authorization: `Bearer ${text.text}`, "content-type": "application/json", "x-dheera-call-id": id },
      body: JSON.stringify({ model, query: id, documents: scores.map((score) => `${score} of ${id}`) }),
      signal: AbortSignal.timeout(longest),
    }),
    scores,
  );
  return { id, key, text, model, life, begun, ended: performance.now(), outcome };
}

async function outcomeOf(answer: Promise<Response>, scores: readonly number[]): Promise<Outcome> {
  try {
    const response = await answer;
    const body: unknown = await response.json();
    const { status } = response;
    if (status === 200) return { kind: "answered", status, code: "", says: wrongIn(body, scores) };
    const { code, message } = refusalOf(body);
    return { kind: "answered", status, code, says: message };
  } catch (error) {
    if (error instanceof Error && error.name === "TimeoutError") return { kind: "hung" };
    return { kind: "broken", reason: String(error instanceof Error ? (error.cause ?? error) : error) };
  }
}

const refusal = v.object({ error: v.object({ code: v.string(), message: v.string() }) });
const ranking = v.object({ results: v.array(v.object({ index: v.number(), relevance_score: v.number() })) });

function refusalOf(body: unknown): { readonly code: string; readonly message: string } {
  const read = v.safeParse(refusal, body);
  return read.success ? read.output.error : { code: "no code", message: JSON.stringify(body) };
}

/** @returns undefined where each document has its own score, best first */
function wrongIn(body: unknown, scores: readonly number[]): string | undefined {
  const read = v.safeParse(ranking, body);
  if (!read.success) return "is no ranking";
  const expected = scores
    .map((score, index) => ({ index, score }))
    .toSorted((one, other) => other.score - one.score || one.index - other.index);
  const { results } = read.output;
  const isRight =
    results.length === expected.length &&
    results.every(({ index, relevance_score: score }, place) => {
      const { index: at, score: due = Number.NaN } = expected[place] ?? {};
      return index === at && Math.abs(score - due) < 1e-6;
    });
  return isRight ? undefined : JSON.stringify(results);
}
